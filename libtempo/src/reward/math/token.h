// The words of an answer, LaTeX and plain spellings alike.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "budget.h"

namespace tempo::reward::math {

enum class Tok : std::uint8_t {
  kEnd,
  kNumber,
  kName,
  kWord,
  kFunction,
  kFraction,
  kBinomial,
  kChoose,
  kOver,
  kSqrt,
  kStyle,
  kOpaque,
  kOpenParen,
  kCloseParen,
  kOpenBracket,
  kCloseBracket,
  kOpenSet,
  kCloseSet,
  kOpenGroup,
  kCloseGroup,
  kOpenAngle,
  kCloseAngle,
  kOpenFloor,
  kCloseFloor,
  kOpenCeil,
  kCloseCeil,
  kBar,
  kDoubleBar,
  kSuchThat,
  kPlus,
  kMinus,
  kPlusMinus,
  kMinusPlus,
  kTimes,
  kSlash,
  kCaret,
  kUnderscore,
  kBang,
  kPrime,
  kPercent,
  kDegree,
  kComma,
  kSemicolon,
  kAnd,
  kOr,
  kGap,
  kColon,
  kDot,
  kDots,
  kRelation,
  kCup,
  kCap,
  kSetMinus,
  kInfinity,
  kEmptySet,
  kAmpersand,
  kRow,
  kBegin,
  kFinish,
  kModulo,
  kUnknown,
};

enum class Relation : std::uint8_t {
  kEqual,
  kLess,
  kLessEqual,
  kGreater,
  kGreaterEqual,
  kNotEqual,
  kNear,
  kIn,
  kTo
};

enum class Function : std::uint8_t {
  kAbs,
  kNorm,
  kRoot,
  kSin,
  kCos,
  kTan,
  kSec,
  kCsc,
  kCot,
  kArcsin,
  kArccos,
  kArctan,
  kSinh,
  kCosh,
  kTanh,
  kLn,
  kLog,
  kExp,
  kFloor,
  kCeil,
  kFactorial,
  kBinomial,
  kMax,
  kMin,
  kGcd,
  kLcm,
};

enum class Environment : std::uint8_t { kMatrix, kCases, kAligned };

struct Token {
  Tok kind = Tok::kEnd;
  std::uint8_t detail = 0;  // a Relation, Function or Environment; 1: a root without backslash
  bool spaced = false;      // white space stands before it
  bool in_text = false;     // stands in \text{} or the like
  std::string_view text;    // a view into the answer, or a constant; a name's or a word's letters
};

// Returns the answer's tokens, one kEnd behind them. Any bytes are some tokens. Linear.
std::vector<Token> read_tokens(std::string_view answer, Budget& budget);

// What a command, an English word or a run of letters stands for; kind kEnd: nothing known.
struct Meaning {
  Tok kind = Tok::kEnd;
  std::uint8_t detail = 0;
};
enum class Command : std::uint8_t { kToken, kSkip, kSkipArgument, kText, kName, kUnknown };
struct CommandMeaning {
  Command what = Command::kUnknown;
  Tok kind = Tok::kEnd;
  std::uint8_t detail = 0;
};
CommandMeaning command_meaning(std::string_view name);  // without its backslash
Meaning word_meaning(std::string_view letters);
bool is_common_word(std::string_view letters);  // of English, or a unit
Environment environment_of(std::string_view name);

}  // namespace tempo::reward::math
