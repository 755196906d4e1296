// Bytes that ranks exchange: read as values of every kind, which are written as they were.
#include <array>
#include <vector>

#include "fuzz/fuzz.h"
#include "train/wire.h"

using namespace tempo;

namespace {

struct Item {
  std::int64_t number = 0;
  std::string text;
  std::vector<double> values;
};

struct Message {
  std::vector<Item> items;
  std::vector<std::vector<std::int32_t>> nested;
  std::vector<std::string> texts;
  std::array<std::uint16_t, 3> flat{};
};

template <typename Visitor>
void visit_fields(Item& item, Visitor& visit) {
  visit(item.number), visit(item.text), visit(item.values);
}
template <typename Visitor>
void visit_fields(const Item& item, Visitor& visit) {
  visit(item.number), visit(item.text), visit(item.values);
}
template <typename Visitor>
void visit_fields(Message& message, Visitor& visit) {
  visit(message.items), visit(message.nested), visit(message.texts), visit(message.flat);
}
template <typename Visitor>
void visit_fields(const Message& message, Visitor& visit) {
  visit(message.items), visit(message.nested), visit(message.texts), visit(message.flat);
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  fuzz::run([&] {
    const auto message = train::from_wire<Message>(bytes);
    fuzz::require(train::to_wire(message) == bytes, "the same bytes");
  });
  fuzz::run([&] { train::from_wire<std::string>(bytes); });
  fuzz::run([&] { train::from_wire<std::uint64_t>(bytes); });
  return 0;
}
