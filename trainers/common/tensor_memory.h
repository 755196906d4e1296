// Where the programs' tensors on the CPU lie.
#pragma once

namespace tempo::common {

// Puts the tensors of 64 KiB and more that are made from now on into one stretch of addresses, which keeps
// its pages: a step uses those of the step before, where page faults cost more than the arithmetic of most
// tensors, and sampling those of updating. Apart from all that is small, tensors leave few gaps. To be called
// once, before the first tensor. Without effect where the system does not give the addresses.
void keep_tensor_memory();

}  // namespace tempo::common
