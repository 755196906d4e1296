# Installs TEMPO_BUILD below WORK, then configures, builds and runs the project find_package against it, first with a
# libtorch that is not there, then with TEMPO_TORCH. Configured with GENERATOR, CXX, CXX_FLAGS and CXX_LAUNCHER.
cmake_minimum_required(VERSION 3.25)
file(REMOVE_RECURSE "${WORK}")

# run_and_expect(expected command...): fails unless the command succeeds and its whole output is the expected text.
function(run_and_expect expected)
  execute_process(COMMAND ${ARGN} OUTPUT_VARIABLE output COMMAND_ERROR_IS_FATAL ANY)
  if(NOT output STREQUAL expected)
    message(FATAL_ERROR "${ARGN}: expected \"${expected}\", got \"${output}\"")
  endif()
endfunction()

# build_example(name torch): configures and builds the project in WORK/<name>.
function(build_example name torch)
  execute_process(
    COMMAND "${CMAKE_COMMAND}" -S "${CMAKE_CURRENT_LIST_DIR}/find_package" -B "${WORK}/${name}" -G "${GENERATOR}"
      "-DCMAKE_PREFIX_PATH=${WORK}/prefix" "-DTEMPO_TORCH=${torch}" "-DCMAKE_CXX_COMPILER=${CXX}"
      "-DCMAKE_CXX_FLAGS=${CXX_FLAGS}" "-DCMAKE_CXX_COMPILER_LAUNCHER=${CXX_LAUNCHER}"
    COMMAND_ERROR_IS_FATAL ANY)
  execute_process(COMMAND "${CMAKE_COMMAND}" --build "${WORK}/${name}" COMMAND_ERROR_IS_FATAL ANY)
  run_and_expect("+0.5 +1.0 -0.5 -1.0 \n" "${WORK}/${name}/assign_credit")
endfunction()

execute_process(COMMAND "${CMAKE_COMMAND}" --install "${TEMPO_BUILD}" --prefix "${WORK}/prefix"
  OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)

build_example(without_torch "${WORK}/nothing")
if(EXISTS "${WORK}/without_torch/run_model")
  message(FATAL_ERROR "expected no component train without libtorch, got it")
endif()

build_example(with_torch "${TEMPO_TORCH}")
run_and_expect("3 x 8, finite 1\n" "${WORK}/with_torch/run_model")
execute_process(COMMAND "${WORK}/prefix/bin/tempo-train" --help OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)
