# The CUDA language, for TEMPO_CUDA: nvcc 13 from CUDACXX, PATH, /usr/local/cuda or .deps (scripts/setup.sh --cuda).
if(NOT CMAKE_CUDA_COMPILER AND NOT DEFINED ENV{CUDACXX})
  find_program(CMAKE_CUDA_COMPILER nvcc HINTS "${PROJECT_SOURCE_DIR}/.deps/cuda/nvidia/cu13/bin" /usr/local/cuda/bin)
  if(NOT CMAKE_CUDA_COMPILER)
    message(FATAL_ERROR "CUDA: expected nvcc, found none. Run scripts/setup.sh --cuda, or set CUDACXX.")
  endif()
endif()
# Machine code for A100, H100 and B100, and PTX for later ones.
set(CMAKE_CUDA_ARCHITECTURES 80-real 90-real 100 CACHE STRING "Architectures of the CUDA kernels")
set(CMAKE_CUDA_RUNTIME_LIBRARY Shared)  # the same one as libtorch's
enable_language(CUDA)
if(NOT CMAKE_CUDA20_STANDARD_COMPILE_OPTION)
  set(CMAKE_CUDA20_STANDARD_COMPILE_OPTION -std=c++20)  # CMake before 3.26 does not know nvcc's
endif()
set(CMAKE_CUDA_STANDARD 20)
set(CMAKE_CUDA_STANDARD_REQUIRED ON)
set(CMAKE_CUDA_EXTENSIONS OFF)
if(CMAKE_CUDA_COMPILER_VERSION VERSION_LESS 13)
  message(FATAL_ERROR "CUDA: expected nvcc 13 or newer, got ${CMAKE_CUDA_COMPILER_VERSION} (${CMAKE_CUDA_COMPILER})")
endif()
find_package(CUDAToolkit REQUIRED)

# tempo_use_cuda(target): its CUDA sources round every operation, so that they agree with the CPU; fmaf fuses.
function(tempo_use_cuda target)
  target_compile_options(${target} PRIVATE
    $<$<COMPILE_LANGUAGE:CUDA>:--fmad=false -lineinfo --expt-relaxed-constexpr -Xcompiler=-Wall,-Wextra
      $<$<BOOL:${TEMPO_WERROR}>:-Werror=all-warnings>>)
  target_link_libraries(${target} PUBLIC CUDA::cudart)
endfunction()
