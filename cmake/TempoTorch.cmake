# The imported target tempo::torch: libtorch's libraries, for CUDA too if TEMPO_CUDA, from TEMPO_TORCH (an unpacked `torch` wheel or a libtorch
# archive). The wheel's own CMake package asks for a CUDA toolkit even on a CPU, so the target is made from the path.
# Used by the build and by the installed package. Sets tempo_torch_missing to the first file that is not there.

set(tempo_torch_missing "")
set(tempo_torch_cuda "")
if(TEMPO_CUDA)
  set(tempo_torch_cuda lib/libtorch_cuda.so lib/libc10_cuda.so)
endif()
foreach(needed IN ITEMS include/ATen/ATen.h lib/libtorch_cpu.so lib/libc10.so ${tempo_torch_cuda})
  if(NOT tempo_torch_missing AND NOT EXISTS "${TEMPO_TORCH}/${needed}")
    set(tempo_torch_missing "${TEMPO_TORCH}/${needed}")
  endif()
endforeach()

if(NOT tempo_torch_missing AND NOT TARGET tempo::torch)
  add_library(tempo::torch INTERFACE IMPORTED GLOBAL)
  target_include_directories(tempo::torch SYSTEM INTERFACE
    "${TEMPO_TORCH}/include" "${TEMPO_TORCH}/include/torch/csrc/api/include")
  target_link_libraries(tempo::torch INTERFACE "${TEMPO_TORCH}/lib/libtorch_cpu.so" "${TEMPO_TORCH}/lib/libc10.so")
  # at::parallel_for is a header over OpenMP: without this flag it runs on one thread, silently. At run time the one
  # libgomp of the process is the wheel's, by the rpath below.
  target_compile_options(tempo::torch INTERFACE $<$<COMPILE_LANGUAGE:CXX>:-fopenmp>)
  target_link_libraries(tempo::torch INTERFACE gomp)
  # The wheel's libraries find each other by relative paths; programs find libtorch by this one.
  target_link_options(tempo::torch INTERFACE "LINKER:-rpath,${TEMPO_TORCH}/lib")
  if(TEMPO_CUDA)
    # Nothing names a symbol of theirs: they register what libtorch does on CUDA when they are loaded. What they need in
    # turn lies beside the wheel, or where scripts/setup.sh --cuda puts it; an rpath of the old kind holds for it too.
    list(TRANSFORM tempo_torch_cuda PREPEND "${TEMPO_TORCH}/")
    target_link_libraries(tempo::torch INTERFACE
      "-Wl,--push-state,--no-as-needed" ${tempo_torch_cuda} "-Wl,--pop-state")
    file(GLOB tempo_cuda_libraries "${TEMPO_TORCH}/../nvidia/*/lib" "${TEMPO_TORCH}/../../cuda-libraries-*/nvidia/*/lib")
    target_link_options(tempo::torch INTERFACE "LINKER:--disable-new-dtags")
    foreach(folder IN LISTS tempo_cuda_libraries)
      get_filename_component(folder "${folder}" REALPATH)
      target_link_options(tempo::torch INTERFACE "LINKER:-rpath,${folder}")
    endforeach()
  endif()
endif()
