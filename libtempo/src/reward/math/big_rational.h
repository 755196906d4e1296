// The big numbers behind Rational, for the sources that compute with them.
#pragma once

#include <boost/multiprecision/cpp_int.hpp>

namespace tempo::reward::math {

using BigInt = boost::multiprecision::cpp_int;

struct BigRational {
  boost::multiprecision::cpp_rational value;
};

}  // namespace tempo::reward::math
