#include <arpa/inet.h>
#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>
#include <utility>

#include "backend.h"
#include "tempo/core/error.h"

namespace tempo::dist {
namespace {

c10d::TCPStoreOptions store_options(const GroupOptions& options) {
  c10d::TCPStoreOptions out;
  out.port = static_cast<std::uint16_t>(options.port);
  out.timeout = timeout_of(options);
  return out;
}

std::string place(const GroupOptions& options) { return core::concat(options.address, ":", options.port); }

// The first sentence of an exception of libtorch's, without the place in its sources.
std::string cause_of(const std::exception& error) {
  const std::string text = error.what();
  return text.substr(0, text.find_first_of("\n"));
}

}  // namespace

Meeting meet(const GroupOptions& options) {
  c10d::TCPStoreOptions out = store_options(options);
  out.isServer = options.rank == 0 && !options.store_is_there;
  out.waitWorkers = !options.store_is_there;
  out.numWorkers = static_cast<std::size_t>(options.size);
  out.timeout = milliseconds_of(options.start_timeout_s);
  try {
    Meeting meeting{.store = c10::make_intrusive<c10d::TCPStore>(options.address, out)};
    if (options.store_is_there) meeting = meet_at(meeting.store, options);
    meeting.store->setTimeout(timeout_of(options));
    return meeting;
  } catch (const std::exception& error) {
    core::fail("rank ", options.rank, ": expected ", options.size, " ranks to meet at ", place(options),
               " within ", options.start_timeout_s, " s, got: ", cause_of(error));
  }
}

StorePtr connect_again(const GroupOptions& options, const std::string& prefix) {
  c10d::TCPStoreOptions out = store_options(options);
  out.waitWorkers = false;
  try {
    return with_prefix(c10::make_intrusive<c10d::TCPStore>(options.address, out), prefix);
  } catch (const std::exception& error) {
    core::fail("rank ", options.rank, ": expected the ranks' store to answer at ", place(options),
               ", got: ", cause_of(error));
  }
}

// A datagram socket that is connected sends nothing, but has the address that it would send from.
std::string own_address(const GroupOptions& options) {
  const std::string port = std::to_string(options.port);
  addrinfo hints{}, *found = nullptr;
  hints.ai_socktype = SOCK_DGRAM;
  const int code = ::getaddrinfo(options.address.c_str(), port.c_str(), &hints, &found);
  TEMPO_CHECK(code == 0, "address: expected a host, got '", options.address, "': ", ::gai_strerror(code));
  std::string address;
  for (const addrinfo* at = found; at != nullptr && address.empty(); at = at->ai_next) {
    const int descriptor = ::socket(at->ai_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0) continue;
    sockaddr_storage name{};
    socklen_t length = sizeof(name);
    std::array<char, NI_MAXHOST> host{};
    if (::connect(descriptor, at->ai_addr, at->ai_addrlen) == 0 &&
        ::getsockname(descriptor, reinterpret_cast<sockaddr*>(&name), &length) == 0 &&
        ::getnameinfo(reinterpret_cast<const sockaddr*>(&name), length, host.data(), host.size(), nullptr, 0,
                      NI_NUMERICHOST) == 0) {
      address = host.data();
    }
    ::close(descriptor);
  }
  ::freeaddrinfo(found);
  TEMPO_CHECK(!address.empty(), "address: expected a way to ", options.address, ", found none");
  return address;
}

}  // namespace tempo::dist
