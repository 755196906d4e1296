// Marks functions that the CPU's code and a device's share.
#pragma once

#if defined(__CUDACC__)
#define TEMPO_PORTABLE __host__ __device__
#else
#define TEMPO_PORTABLE
#endif
