// The libtorch headers that most torch-using sources need, precompiled once. More of them would cost every
// source more than they save some: what templates they leave to be instantiated, each source instantiates.
#pragma once

#include <ATen/ATen.h>
