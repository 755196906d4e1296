// The tables of commands and words.
#include <algorithm>
#include <array>
#include <string>
#include <unordered_map>
#include <unordered_set>

#include "token.h"

namespace tempo::reward::math {
namespace {

using std::string_view;

template <class Detail>
constexpr std::uint8_t detail(Detail value) {
  return static_cast<std::uint8_t>(value);
}

using CommandTable = std::unordered_map<string_view, CommandMeaning>;

void add_all(CommandTable& table, CommandMeaning meaning, std::initializer_list<string_view> names) {
  for (const auto name : names) table.emplace(name, meaning);
}

void add_functions(CommandTable& table) {
  using enum Function;
  const auto add = [&](Function function, std::initializer_list<string_view> names) {
    add_all(table, {Command::kToken, Tok::kFunction, detail(function)}, names);
  };
  add(kSin, {"sin"});
  add(kCos, {"cos"});
  add(kTan, {"tan", "tg"});
  add(kSec, {"sec"});
  add(kCsc, {"csc", "cosec"});
  add(kCot, {"cot", "ctg", "cotan"});
  add(kArcsin, {"arcsin", "asin"});
  add(kArccos, {"arccos", "acos"});
  add(kArctan, {"arctan", "atan", "arctg"});
  add(kSinh, {"sinh"});
  add(kCosh, {"cosh"});
  add(kTanh, {"tanh"});
  add(kLn, {"ln"});
  add(kLog, {"log", "lg"});
  add(kExp, {"exp"});
  add(kMax, {"max"});
  add(kMin, {"min"});
  add(kGcd, {"gcd"});
  add(kLcm, {"lcm"});
  add(kAbs, {"abs"});
}

void add_relations(CommandTable& table) {
  using enum Relation;
  const auto add = [&](Relation relation, std::initializer_list<string_view> names) {
    add_all(table, {Command::kToken, Tok::kRelation, detail(relation)}, names);
  };
  add(kLess, {"lt"});
  add(kLessEqual, {"le", "leq", "leqslant", "leqq"});
  add(kGreater, {"gt"});
  add(kGreaterEqual, {"ge", "geq", "geqslant", "geqq"});
  add(kNotEqual, {"ne", "neq"});
  add(kNear, {"approx", "simeq", "sim", "approxeq", "doteq"});
  add(kEqual, {"equiv", "coloneqq", "triangleq"});
  add(kIn, {"in"});
  add(kTo, {"to", "rightarrow", "Rightarrow", "implies", "longrightarrow", "Longrightarrow", "iff", "mapsto",
            "Leftrightarrow", "therefore"});
}

void add_tokens(CommandTable& table) {
  using enum Tok;
  const auto add = [&](Tok kind, std::initializer_list<string_view> names) {
    add_all(table, {Command::kToken, kind, 0}, names);
  };
  add(kFraction, {"frac", "dfrac", "tfrac", "cfrac", "sfrac", "nicefrac"});
  add(kBinomial, {"binom", "dbinom", "tbinom"});
  add(kChoose, {"choose"});
  add(kOver, {"over"});
  add(kSqrt, {"sqrt"});
  add(kStyle,
      {"vec", "hat", "bar", "overline", "tilde", "widehat", "mathbf", "boldsymbol", "mathcal", "mathbb",
       "overrightarrow", "bm", "widetilde", "mathscr", "mathfrak", "dot", "overbar", "pmb"});
  add(kOpaque, {"lim", "int", "sum", "prod", "iint", "oint", "limsup", "liminf"});
  add(kOpenSet, {"{", "lbrace"});
  add(kCloseSet, {"}", "rbrace"});
  add(kOpenParen, {"lparen"});
  add(kCloseParen, {"rparen"});
  add(kOpenBracket, {"lbrack"});
  add(kCloseBracket, {"rbrack"});
  add(kOpenAngle, {"langle"});
  add(kCloseAngle, {"rangle"});
  add(kOpenFloor, {"lfloor"});
  add(kCloseFloor, {"rfloor"});
  add(kOpenCeil, {"lceil"});
  add(kCloseCeil, {"rceil"});
  add(kBar, {"lvert", "rvert", "vert"});
  add(kDoubleBar, {"|", "lVert", "rVert", "Vert"});
  add(kSuchThat, {"mid"});
  add(kPlusMinus, {"pm"});
  add(kMinusPlus, {"mp"});
  add(kTimes, {"cdot", "times", "ast", "bullet"});
  add(kSlash, {"div", "slash"});
  add(kPrime, {"prime"});
  add(kPercent, {"%"});
  add(kDegree, {"circ", "degree", "textdegree"});
  add(kAnd, {"land", "wedge"});
  add(kOr, {"lor", "vee"});
  add(kGap, {"quad", "qquad", "newline", "par"});
  add(kColon, {"colon"});
  add(kDots, {"dots", "ldots", "cdots", "vdots", "ddots", "dotsc", "dotsb"});
  add(kCup, {"cup", "bigcup"});
  add(kCap, {"cap"});
  add(kSetMinus, {"setminus", "backslash", "smallsetminus"});
  add(kInfinity, {"infty", "infin"});
  add(kEmptySet, {"emptyset", "varnothing"});
  add(kModulo, {"pmod", "bmod", "mod"});
}

void add_layout(CommandTable& table) {
  add_all(table, {Command::kSkip, Tok::kEnd, 0},
          {"left",      "right",       "big",        "Big",       "bigg",    "Bigg",       "bigl",
           "bigr",      "Bigl",        "Bigr",       "biggl",     "biggr",   "middle",     "displaystyle",
           "textstyle", "scriptstyle", "limits",     "nolimits",  "phantom", "hfill",      "hline",
           "boxed",     "fbox",        "framebox",   "underline", "bf",      "rm",         "it",
           "sf",        "tt",          "ensuremath", "triangle",  "angle",   "square",     "ldotp",
           "mathop",    "mathopen",    "mathclose",  "mathrel",   "mathbin", "underbrace", "overbrace",
           "hbox",      "large",       "Large",      "because",   "strut",   "nonumber",   "notag",
           "centering", "cancel",      "(",          ")",         "[",       "]",          ",",
           "!",         ";",           ":",          " ",         ">",       "$",          "/",
           "-",         "_",           "#",          "pounds",    "euro",    "dollar",     "textdollar",
           "qed",       "checkmark"});
  add_all(table, {Command::kSkipArgument, Tok::kEnd, 0},
          {"hspace", "vspace", "color", "label", "tag", "textcolor", "kern", "mspace", "hskip", "ref"});
  add_all(table, {Command::kText, Tok::kEnd, 0},
          {"text", "textbf", "textit", "textrm", "textnormal", "mbox", "mathrm", "mathit", "mathsf", "mathtt",
           "textsf", "texttt", "operatorname", "textsc", "emph", "textup", "textmd"});
  add_all(table, {Command::kName, Tok::kName, 0},
          {"pi",       "alpha",    "beta",   "gamma",   "delta",   "epsilon", "varepsilon", "zeta", "eta",
           "theta",    "vartheta", "iota",   "kappa",   "lambda",  "mu",      "nu",         "xi",   "rho",
           "varrho",   "sigma",    "tau",    "upsilon", "phi",     "varphi",  "chi",        "psi",  "omega",
           "Gamma",    "Delta",    "Theta",  "Lambda",  "Xi",      "Pi",      "Sigma",      "Phi",  "Psi",
           "Omega",    "ell",      "hbar",   "nabla",   "partial", "Re",      "Im",         "star", "perp",
           "parallel", "forall",   "exists", "mathbb"});
}

CommandTable command_table() {
  CommandTable table;
  add_functions(table);
  add_relations(table);
  add_tokens(table);
  add_layout(table);
  return table;
}

std::unordered_map<string_view, Meaning> word_table() {
  std::unordered_map<string_view, Meaning> table = {
      {"and", {Tok::kAnd, 0}},         {"or", {Tok::kOr, 0}},          {"infinity", {Tok::kInfinity, 0}},
      {"inf", {Tok::kInfinity, 0}},    {"infty", {Tok::kInfinity, 0}}, {"oo", {Tok::kInfinity, 0}},
      {"percent", {Tok::kPercent, 0}}, {"pct", {Tok::kPercent, 0}},    {"percentage", {Tok::kPercent, 0}},
      {"degrees", {Tok::kDegree, 0}},  {"degree", {Tok::kDegree, 0}},  {"deg", {Tok::kDegree, 0}},
      {"frac", {Tok::kFraction, 0}},   {"dfrac", {Tok::kFraction, 0}}, {"tfrac", {Tok::kFraction, 0}},
      {"sqrt", {Tok::kSqrt, 1}},       {"binom", {Tok::kBinomial, 0}}, {"cup", {Tok::kCup, 0}},
      {"union", {Tok::kCup, 0}},       {"cdot", {Tok::kTimes, 0}},     {"times", {Tok::kTimes, 0}},
      {"per", {Tok::kWord, 0}},
  };
  CommandTable functions;
  add_functions(functions);
  for (const auto& [name, meaning] : functions) table.emplace(name, Meaning{meaning.kind, meaning.detail});
  return table;
}

}  // namespace

CommandMeaning command_meaning(string_view name) {
  static const CommandTable table = command_table();
  const auto found = table.find(name);
  return found == table.end() ? CommandMeaning{} : found->second;
}

Meaning word_meaning(string_view letters) {
  static const std::unordered_map<string_view, Meaning> table = word_table();
  const auto found = table.find(letters);
  return found == table.end() ? Meaning{} : found->second;
}

bool is_common_word(string_view written) {
  static const std::unordered_set<string_view> words = {
      "of",  "is",   "in",  "to",  "if",  "by",  "as",  "at",  "the", "for", "no",  "not", "are",
      "all", "any",  "yes", "an",  "on",  "we",  "it",  "so",  "be",  "do",  "cm",  "mm",  "km",
      "ft",  "kg",   "mg",  "ml",  "mL",  "hr",  "hrs", "lb",  "lbs", "oz",  "mi",  "min", "sq",
      "mph", "kph",  "am",  "pm",  "AM",  "PM",  "USD", "EUR", "yd",  "cc",  "Hz",  "kHz", "kJ",
      "kW",  "ways", "was", "has", "one", "two", "six", "ten", "day", "way", "cup", "mod", "men",
      "boy", "cat",  "dog", "red", "May", "odd", "Yes", "No",  "The", "True"};
  if (words.contains(written)) return true;
  // At the begin of a sentence.
  std::string lower(written.substr(0, 8));
  if (lower[0] >= 'A' && lower[0] <= 'Z') lower[0] = static_cast<char>(lower[0] - 'A' + 'a');
  return written.size() < 8 && words.contains(lower);
}

Environment environment_of(string_view name) {
  constexpr std::array<string_view, 6> kAligned = {"align",  "aligned", "gathered",
                                                   "gather", "split",   "equation"};
  if (name.ends_with('*')) name.remove_suffix(1);
  if (name == "cases") return Environment::kCases;
  const bool aligned = std::find(kAligned.begin(), kAligned.end(), name) != kAligned.end();
  return aligned ? Environment::kAligned : Environment::kMatrix;
}

}  // namespace tempo::reward::math
