// Complex numbers with a bound of their error.
#pragma once

#include <boost/multiprecision/cpp_bin_float.hpp>
#include <cmath>

namespace tempo::reward::math {

using Wide = boost::multiprecision::cpp_bin_float_50;

// A value re + i im that is off by at most `radius`; invalid where it is not defined, or beyond 1e300.
template <class Real>
struct Ball {
  Real re = 0;
  Real im = 0;
  double radius = 0;
  bool valid = true;

  bool real() const { return im == 0; }
};

template <class Real>
double size(const Ball<Real>& a) {
  return std::hypot(static_cast<double>(a.re), static_cast<double>(a.im));
}

// Of one rounding, relative; with room for the few units that the functions of Boost are off by.
template <class Real>
constexpr double kRounding = 1e-15;
template <>
inline constexpr double kRounding<Wide> = 1e-48;

template <class Real>
Ball<Real> undefined() {
  return {0, 0, 0, false};
}

template <class Real>
Ball<Real> checked(Real re, Real im, double radius) {
  Ball<Real> result{std::move(re), std::move(im), radius, true};
  const double scale = size(result);
  if (!(scale < 1e300) || !(radius < 1e300)) return undefined<Real>();
  result.radius += scale * kRounding<Real>;
  return result;
}

template <class Real>
Ball<Real> operator+(const Ball<Real>& a, const Ball<Real>& b) {
  if (!a.valid || !b.valid) return undefined<Real>();
  return checked<Real>(a.re + b.re, a.im + b.im, a.radius + b.radius);
}

template <class Real>
Ball<Real> operator-(const Ball<Real>& a) {
  return {-a.re, -a.im, a.radius, a.valid};
}

template <class Real>
Ball<Real> operator*(const Ball<Real>& a, const Ball<Real>& b) {
  if (!a.valid || !b.valid) return undefined<Real>();
  const double radius = size(a) * b.radius + size(b) * a.radius + a.radius * b.radius;
  if (a.real() && b.real()) return checked<Real>(a.re * b.re, 0, radius);
  return checked<Real>(a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re,
                       radius + 4 * size(a) * size(b) * kRounding<Real>);
}

template <class Real>
Ball<Real> inverse(const Ball<Real>& a) {
  const double scale = size(a);
  if (!a.valid || !(scale > 2 * a.radius) || scale < 1e-150) return undefined<Real>();
  const double radius = a.radius / (scale * (scale - a.radius));
  if (a.real()) return checked<Real>(1 / a.re, 0, radius);
  const Real norm = a.re * a.re + a.im * a.im;
  return checked<Real>(a.re / norm, -a.im / norm, radius + 4 * kRounding<Real> / scale);
}

template <class Real>
Ball<Real> whole_power(Ball<Real> base, std::int64_t exponent) {
  if (exponent < 0) return inverse(whole_power(base, -exponent));
  Ball<Real> result{1, 0, 0, true};
  for (; exponent > 0 && result.valid; exponent /= 2) {
    if (exponent % 2 == 1) result = result * base;
    if (exponent > 1) base = base * base;
  }
  return result;
}

template <class Real>
Ball<Real> exponential(const Ball<Real>& a) {
  if (!a.valid || a.re > 690 || a.re < -690 || a.radius > 1) return undefined<Real>();
  const Real scale = exp(a.re);
  const double radius = 2 * static_cast<double>(scale) * (a.radius + size(a) * kRounding<Real>);
  if (a.real()) return checked<Real>(scale, 0, radius);
  return checked<Real>(scale * cos(a.im), scale * sin(a.im), radius);
}

// The principal logarithm.
template <class Real>
Ball<Real> logarithm(const Ball<Real>& a) {
  const double scale = size(a);
  if (!a.valid || !(scale > 2 * a.radius) || scale < 1e-150) return undefined<Real>();
  const double radius = a.radius / (scale - a.radius) + kRounding<Real>;
  if (a.real() && a.re > 0) return checked<Real>(log(a.re), 0, radius);
  const Real norm = a.re * a.re + a.im * a.im;
  return checked<Real>(log(norm) / 2, atan2(a.im, a.re), radius + 4 * kRounding<Real>);
}

// The principal square root.
template <class Real>
Ball<Real> square_root(const Ball<Real>& a) {
  if (!a.valid) return a;
  const double scale = size(a);
  const double radius =
      scale > 2 * a.radius ? a.radius / std::sqrt(scale - a.radius) : 2 * std::sqrt(a.radius + scale);
  if (scale <= 2 * a.radius && a.radius > 0) return checked<Real>(0, 0, radius);
  if (a.real()) {
    if (a.re >= 0) return checked<Real>(sqrt(a.re), 0, radius);
    return checked<Real>(0, sqrt(Real(-a.re)), radius);
  }
  const Real norm = sqrt(Real(a.re * a.re + a.im * a.im));
  const Real re = sqrt(Real((norm + fabs(a.re)) / 2));
  const Real im = fabs(a.im) / (2 * re);
  const Real sign = a.im < 0 ? -1 : 1;
  const double spread = radius + 8 * kRounding<Real> * std::sqrt(scale);
  return a.re >= 0 ? checked<Real>(re, sign * im, spread) : checked<Real>(im, sign * re, spread);
}

template <class Real>
Ball<Real> sine(const Ball<Real>& a, bool cosine) {
  if (!a.valid || size(a) > 1e9 || fabs(a.im) > 600 || a.radius > 1) return undefined<Real>();
  const double spread = a.radius + size(a) * kRounding<Real> + kRounding<Real>;
  if (a.real()) return checked<Real>(cosine ? cos(a.re) : sin(a.re), 0, 2 * spread);
  const Real up = exp(a.im), down = 1 / up, c = (up + down) / 2, s = (up - down) / 2;
  const double radius = 8 * spread * static_cast<double>(c);
  if (cosine) return checked<Real>(cos(a.re) * c, -sin(a.re) * s, radius);
  return checked<Real>(sin(a.re) * c, cos(a.re) * s, radius);
}

}  // namespace tempo::reward::math
