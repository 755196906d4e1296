#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "io/gguf_builder.h"
#include "io/scratch.h"
#include "tempo/io/file.h"
#include "tempo/io/safetensors.h"

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::StartsWith;
using namespace tempo::io;
using namespace tempo::testing;

namespace {

struct BadText {
  std::string error;  // after the file's name
  std::string text;
};

// A file of this header and eight bytes of data.
std::string file_of(const std::string& header) { return encoded(header) + std::string(8, '\1'); }

// A file with the tensor "t" and these fields.
std::string tensor_file(const std::string& dtype, const std::string& shape, const std::string& offsets) {
  return file_of(R"({"t":{"dtype":)" + dtype + R"(,"shape":)" + shape + R"(,"data_offsets":)" + offsets +
                 "}}");
}

void check_one_line(const std::string& text, const std::filesystem::path& path, const std::string& error) {
  CHECK_THAT(text, StartsWith(path.string() + ": ") && ContainsSubstring(error));
  CHECK(text.find('\n') == std::string::npos);
}

void check_all(const std::vector<BadText>& files) {
  const Scratch scratch;
  for (const auto& [error, bytes] : files) {
    const auto path = scratch.write("bad.safetensors", bytes);
    check_one_line(error_of([&] { Safetensors::open(path); }), path, error);
  }
}

// Opens a folder with this index and the golden shards; the error must start with the named file of the
// folder.
void check_index(const std::string& file, const std::string& error, const std::string& index) {
  const Scratch scratch;
  const std::string shard = "model-00001-of-00002.safetensors";
  scratch.write(shard, read_text(golden("sharded") / shard));
  scratch.write("model.safetensors.index.json", index);
  check_one_line(error_of([&] { Safetensors::open(scratch.folder()); }), scratch.folder() / file, error);
}

}  // namespace

TEST_CASE("Safetensors: the file that the bad ones are made from is right", "[io]") {
  const Scratch scratch;
  const auto path = scratch.write("good.safetensors", tensor_file(R"("F32")", "[2]", "[0,8]"));
  CHECK(Safetensors::open(path).shape("t") == std::vector<std::int64_t>{2});
}

TEST_CASE("Safetensors: a wrong header is an error", "[io]") {
  check_all({
      {"expected a safetensors file, got 0 bytes", ""},
      {"expected a safetensors file, got 7 bytes", "1234567"},
      {"header: expected 1 bytes, got a file with 0", encoded(std::uint64_t{1})},
      {"header: expected 18446744073709551615 bytes", encoded(~std::uint64_t{0}) + "{}"},
      {"header: expected JSON, got a syntax error at its byte 1", encoded(std::uint64_t{0})},
      {"header: expected JSON, got a syntax error at its byte 2", file_of("{1}")},
      {"header: expected JSON", file_of("{} {}")},
      {"header: expected JSON", file_of(std::string(100000, '['))},
      {"header: expected JSON, got a number that is too large", file_of("{\"t\":1e999}")},
      {"header: expected a JSON object", file_of("[]")},
      {"header: t: expected it once, got it twice", file_of(R"({"t":1,"t":2})")},
      {"header: shape: expected it once, got it twice", file_of(R"({"t":{"shape":[2],"shape":[1]}})")},
      {"header: __metadata__: expected an object of strings", file_of(R"({"__metadata__":[]})")},
      {"header: __metadata__: expected an object of strings", file_of(R"({"__metadata__":{"format":1}})")},
  });
}

TEST_CASE("Safetensors: a wrong tensor is an error", "[io]") {
  const std::string f32 = R"("F32")";
  check_all({
      {"tensor t: expected a JSON object", file_of(R"({"t":1})")},
      {"tensor a?b: expected a JSON object", file_of(R"({"a\nb":1})")},
      {"tensor t: expected a string 'dtype', got none", file_of(R"({"t":{}})")},
      {"tensor t: expected a string 'dtype'", tensor_file("1", "[2]", "[0,8]")},
      {"tensor t: dtype: expected F64, F32, F16, BF16, I64, I32, I16, I8, U8 or BOOL, got F8_E4M3",
       tensor_file(R"("F8_E4M3")", "[8]", "[0,8]")},
      {"tensor t: expected an array 'shape'", tensor_file(f32, "2", "[0,8]")},
      {"tensor t: expected an array 'data_offsets'", file_of(R"({"t":{"dtype":"F32","shape":[2]}})")},
      {"tensor t: shape: expected integers from 0", tensor_file(f32, "[-2]", "[0,8]")},
      {"tensor t: shape: expected integers from 0", tensor_file(f32, "[2.0]", "[0,8]")},
      {"tensor t: shape: expected integers from 0", tensor_file(f32, "[9223372036854775808]", "[0,8]")},
      {"tensor t: data_offsets: expected a begin and an end", tensor_file(f32, "[2]", "[0,8,8]")},
      {"tensor t: data_offsets: expected a begin and an end", tensor_file(f32, "[2]", "[8,0]")},
      {"tensor t: data_offsets: expected integers from 0", tensor_file(f32, "[2]", R"(["0","8"])")},
      {"tensor t: data_offsets: expected an end within the 8 bytes of data, got 12",
       tensor_file(f32, "[3]", "[0,12]")},
  });
}

TEST_CASE("Safetensors: sizes that do not fit the data are an error", "[io]") {
  const std::string f32 = R"("F32")", huge = "[4611686018427387904,4]";
  check_all({
      {"tensor t: expected as many bytes as its shape and dtype need, got 8",
       tensor_file(f32, "[3]", "[0,8]")},
      {"tensor t: expected as many bytes as its shape and dtype need, got 0",
       tensor_file(f32, huge, "[0,0]")},
      {"tensor t: expected as many bytes", tensor_file(f32, "[4611686018427387904]", "[0,0]")},
      {"expected 4 bytes of tensors, got 8", tensor_file(f32, "[1]", "[0,4]")},
      {"expected 0 bytes of tensors, got 8", file_of("{}")},
      {"tensor t: expected its bytes right after the tensor before, at byte 0 of the data, got 4",
       tensor_file(f32, "[1]", "[4,8]")},
      {"tensor b: expected its bytes right after the tensor before, at byte 8 of the data, got 4",
       file_of(R"({"a":{"dtype":"U8","shape":[8],"data_offsets":[0,8]},)"
               R"("b":{"dtype":"U8","shape":[4],"data_offsets":[4,8]}})")},
  });
}

TEST_CASE("Safetensors: a wrong index is an error", "[io]") {
  const std::string index = "model.safetensors.index.json", shard = "model-00001-of-00002.safetensors";
  const auto map = [](const std::string& file) { return R"({"weight_map":{"a":)" + file + "}}"; };
  check_index(index, "expected JSON, got a syntax error", "{");
  check_index(index, "expected an object 'weight_map', got none", "[]");
  check_index(index, "expected an object 'weight_map', got none", "{}");
  check_index(index, "expected an object 'weight_map', got none", R"({"weight_map":[]})");
  check_index(index, "a: expected it once, got it twice", R"({"weight_map":{"a":"x","a":"y"}})");
  check_index(index, "tensor a: expected a file name", map("1"));
  for (const char* outside : {R"("../x")", R"("/etc/x")", R"("sub/x")", R"("..")", R"(".")", R"("")",
                              R"("x\\y")", R"("x\u0000y")"}) {
    check_index(index, "tensor a: expected the name of a file beside the index, got ", map(outside));
  }
  check_index("missing.safetensors", "cannot open: No such file or directory",
              map(R"("missing.safetensors")"));
  check_index(shard, "tensor x: expected in this file by model.safetensors.index.json, found none",
              R"({"weight_map":{"x":")" + shard + R"("}})");
}

TEST_CASE("Safetensors: a missing file and a folder without weights are errors", "[io]") {
  const Scratch scratch;
  const auto missing = scratch.folder() / "none.safetensors";
  check_one_line(error_of([&] { Safetensors::open(missing); }), missing, "cannot open");
  check_one_line(error_of([&] { Safetensors::open(scratch.folder()); }), scratch.folder(), "found neither");
}
