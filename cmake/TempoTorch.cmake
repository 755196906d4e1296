# The imported target tempo_torch: libtorch's CPU libraries from TEMPO_TORCH (an unpacked `torch` wheel or a libtorch
# archive). The wheel's own CMake package asks for a CUDA toolkit even on a CPU, so the target is made from the path.

set(torch_header "${TEMPO_TORCH}/include/ATen/ATen.h")
set(torch_library "${TEMPO_TORCH}/lib/libtorch_cpu.so")
foreach(needed IN ITEMS "${torch_header}" "${torch_library}")
  if(NOT EXISTS "${needed}")
    message(FATAL_ERROR "libtorch: expected ${needed}, found nothing. "
      "Run scripts/setup.sh, or pass -DTEMPO_TORCH=DIR with DIR/include and DIR/lib of libtorch.")
  endif()
endforeach()

add_library(tempo_torch INTERFACE IMPORTED GLOBAL)
target_include_directories(tempo_torch SYSTEM INTERFACE
  "${TEMPO_TORCH}/include" "${TEMPO_TORCH}/include/torch/csrc/api/include")
target_link_libraries(tempo_torch INTERFACE "${torch_library}" "${TEMPO_TORCH}/lib/libc10.so")
# at::parallel_for is a header over OpenMP: without this flag it runs on one thread, silently. At run time the one
# libgomp of the process is the wheel's, by the rpath below.
target_compile_options(tempo_torch INTERFACE -fopenmp)
target_link_libraries(tempo_torch INTERFACE gomp)
# The wheel's libraries find each other by relative paths; programs find libtorch by this one.
target_link_options(tempo_torch INTERFACE "LINKER:-rpath,${TEMPO_TORCH}/lib")
