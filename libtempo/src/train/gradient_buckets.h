// The sums over a group of ranks of a model's gradients, each rank with its part: a bucket is reduced as soon
// as the backward pass has made its gradients.
#pragma once

#include <ATen/ATen.h>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <vector>

#include "tempo/dist/group.h"
#include "tempo/optim/buckets.h"

namespace tempo::train {

// Numbers of a bucket: 32 MB of float32, large against what a collective costs beside its bytes.
inline constexpr std::int64_t kBucketNumbers = 1 << 23;
// Reductions at a time, beside the bucket that is being filled: enough to hide one behind the making of the
// next.
inline constexpr std::size_t kMostUnderWay = 4;

class GradientBuckets {
 public:
  // Keeps the parameters, and takes away every gradient that a backward pass gives them, until destroyed. The
  // buckets are those of optim::make_buckets and outlive this object, as the group does.
  GradientBuckets(const std::vector<at::Tensor>& parameters, const std::vector<optim::Bucket>& buckets,
                  dist::Group& group);
  GradientBuckets(const GradientBuckets&) = delete;
  GradientBuckets& operator=(const GradientBuckets&) = delete;
  ~GradientBuckets();

  // Sets the sums to zero.
  void begin();
  // Adds what the backward pass gives, here and on the other ranks, which call it as often; empty: nothing
  // here. At most a few buckets are in memory at a time.
  void add(const std::function<void()>& backward);
  // Returns the sums of this rank's parts, float32, flat, one a piece of optim::owned_pieces of each bucket
  // in turn.
  std::vector<at::Tensor> sums() const;

 private:
  struct Hook;
  struct Place {  // of a parameter
    std::size_t bucket;
    const optim::Piece* piece;
    bool filled = false;  // in this pass
  };
  struct Reduction {
    std::size_t bucket;
    at::Tensor in, out;
    dist::Pending pending;
  };

  void take_gradient(std::size_t parameter);
  at::Tensor& buffer_of(std::size_t bucket);
  void reduce_next();
  void finish_oldest();

  std::vector<at::Tensor> parameters_;
  const std::vector<optim::Bucket>& buckets_;
  dist::Group& group_;
  std::vector<Place> places_;         // [parameters]
  std::vector<at::Tensor> sums_;      // [buckets] of this rank's part; undefined: zero
  std::vector<at::Tensor> buffers_;   // [buckets] undefined where nothing has come, or all is on its way
  std::vector<std::size_t> missing_;  // [buckets] gradients to come in this pass
  std::size_t next_ = 0;              // bucket to reduce next: the same order on every rank
  std::deque<Reduction> under_way_;
};

}  // namespace tempo::train
