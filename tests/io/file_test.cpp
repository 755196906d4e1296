#include "tempo/io/file.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <iterator>

#include "io/scratch.h"
#include "tempo/io/mapped_file.h"

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::StartsWith;
using namespace tempo::io;
using tempo::testing::error_of;
using tempo::testing::Scratch;

namespace {

std::string text_of(const MappedFile& file) {
  return {reinterpret_cast<const char*>(file.bytes().data()), file.bytes().size()};
}

std::ptrdiff_t files_in(const std::filesystem::path& folder) {
  return std::distance(std::filesystem::directory_iterator(folder), {});
}

}  // namespace

TEST_CASE("read_text: returns what was written, zero bytes included", "[io]") {
  const Scratch scratch;
  const std::string text("one\0two\n", 8);
  write_text_atomically(scratch.folder() / "file", text);
  CHECK(read_text(scratch.folder() / "file") == text);
}

TEST_CASE("read_text: a missing file is an error with its name", "[io]") {
  const auto path = Scratch().folder() / "none";
  CHECK(error_of([&] { read_text(path); }) == path.string() + ": cannot open: No such file or directory");
}

TEST_CASE("read_text: a folder is an error with its name", "[io]") {
  const Scratch scratch;
  CHECK_THAT(error_of([&] { read_text(scratch.folder()); }),
             StartsWith(scratch.folder().string() + ": expected a file"));
}

TEST_CASE("MappedFile: holds the file's bytes, also after a move", "[io]") {
  const Scratch scratch;
  MappedFile first = MappedFile::open(scratch.write("file", "some bytes"));
  CHECK(text_of(first) == "some bytes");
  MappedFile second = std::move(first);
  CHECK(text_of(second) == "some bytes");
  second = MappedFile::open(scratch.write("other", "others"));
  CHECK(text_of(second) == "others");
}

TEST_CASE("MappedFile: an empty file has no bytes", "[io]") {
  const Scratch scratch;
  CHECK(MappedFile::open(scratch.write("file", "")).bytes().empty());
}

TEST_CASE("MappedFile: a missing file and a folder are errors with their names", "[io]") {
  const Scratch scratch;
  const auto missing = scratch.folder() / "none";
  CHECK_THAT(error_of([&] { MappedFile::open(missing); }), StartsWith(missing.string() + ": cannot open"));
  CHECK_THAT(error_of([&] { MappedFile::open(scratch.folder()); }), ContainsSubstring("expected a file"));
}

TEST_CASE("MappedFile: keeps its content when the file is replaced", "[io]") {
  const Scratch scratch;
  const MappedFile old = MappedFile::open(scratch.write("file", "old content"));
  write_text_atomically(scratch.folder() / "file", "new");
  CHECK(text_of(old) == "old content");
}

TEST_CASE("AtomicFile: the name shows nothing new before commit", "[io]") {
  const Scratch scratch;
  const auto path = scratch.write("file", "old");
  AtomicFile file(path);
  file.write(std::as_bytes(std::span(std::string_view("new"))));
  CHECK(read_text(path) == "old");
  file.commit();
  CHECK(read_text(path) == "new");
}

TEST_CASE("AtomicFile: leaves nothing behind, committed or not", "[io]") {
  const Scratch scratch;
  { AtomicFile dropped(scratch.folder() / "dropped"); }
  CHECK(files_in(scratch.folder()) == 0);
  write_text_atomically(scratch.folder() / "kept", "text");
  CHECK(files_in(scratch.folder()) == 1);
}

TEST_CASE("AtomicFile: two writers of one file do not disturb each other", "[io]") {
  const Scratch scratch;
  const auto path = scratch.folder() / "file";
  AtomicFile first(path), second(path);
  first.write(std::as_bytes(std::span(std::string_view("first"))));
  second.write(std::as_bytes(std::span(std::string_view("second"))));
  second.commit();
  CHECK(read_text(path) == "second");
  first.commit();
  CHECK(read_text(path) == "first");
}

TEST_CASE("AtomicFile: a missing folder is an error with the file's name", "[io]") {
  const auto path = Scratch().folder() / "none" / "file";
  CHECK(error_of([&] { write_text_atomically(path, "text"); }) ==
        path.string() + ": cannot create: No such file or directory");
}
