# Functions that add one layer, one program or one layer's tests. Sources are listed, never globbed.

add_library(tempo_warnings INTERFACE)
target_compile_options(tempo_warnings INTERFACE $<$<COMPILE_LANGUAGE:CXX>:-Wall -Wextra -Wpedantic -Wconversion
  -Wshadow $<$<BOOL:${TEMPO_WERROR}>:-Werror>>)

# One precompiled set of libtorch headers for all targets that use them (14 s a file without it).
if(TARGET tempo::torch)
  add_library(tempo_torch_pch OBJECT "${CMAKE_CURRENT_LIST_DIR}/torch_pch.cpp")
  target_link_libraries(tempo_torch_pch PUBLIC tempo::torch PRIVATE tempo_warnings)
  target_precompile_headers(tempo_torch_pch PRIVATE "${CMAKE_CURRENT_LIST_DIR}/torch_pch.h")
endif()

# tempo_use_torch(target): links libtorch and its precompiled headers. The headers are compiled with -fPIC, so a
# program must be too, where CMake would choose -fPIE. What every source instantiates anew of them takes over a second, so
# sources are compiled four at a time (TEMPO_UNITY).
function(tempo_use_torch target)
  target_link_libraries(${target} PUBLIC tempo::torch)
  set_target_properties(${target} PROPERTIES POSITION_INDEPENDENT_CODE OFF
    UNITY_BUILD ${TEMPO_UNITY} UNITY_BUILD_BATCH_SIZE 4)
  target_compile_options(${target} PRIVATE -fPIC)
  target_precompile_headers(${target} REUSE_FROM tempo_torch_pch)
endfunction()

# tempo_add_layer(name [TORCH] SOURCES a.cpp ... [DEPENDS core ...] [LINK other_target ...]): library tempo_<name>,
# alias tempo::<name>. DEPENDS are layers to the left; LINK are outside libraries its sources use, header-only ones
# within $<BUILD_INTERFACE:...>, as users of an installed tempo need them not.
function(tempo_add_layer name)
  cmake_parse_arguments(ARG "TORCH" "" "SOURCES;DEPENDS;LINK" ${ARGN})
  set(target tempo_${name})
  add_library(${target} STATIC ${ARG_SOURCES})
  add_library(tempo::${name} ALIAS ${target})
  set_target_properties(${target} PROPERTIES EXPORT_NAME ${name})
  target_include_directories(${target} PUBLIC
    $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/libtempo/include> $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
  target_compile_features(${target} PUBLIC cxx_std_20)
  target_link_libraries(${target} PRIVATE $<BUILD_INTERFACE:tempo_warnings> ${ARG_LINK})
  foreach(layer IN LISTS ARG_DEPENDS)
    target_link_libraries(${target} PUBLIC tempo_${layer})
  endforeach()
  if(ARG_TORCH)
    tempo_use_torch(${target})
  endif()
  set_property(GLOBAL APPEND PROPERTY TEMPO_LIBRARIES ${target})
endfunction()

# tempo_add_example(name [TORCH] SOURCES a.cpp ... DEPENDS credit ... EXPECT regex): the program example-<name>, and a
# test that its output matches.
function(tempo_add_example name)
  cmake_parse_arguments(ARG "TORCH" "EXPECT" "SOURCES;DEPENDS" ${ARGN})
  set(target example-${name})
  add_executable(${target} ${ARG_SOURCES})
  target_link_libraries(${target} PRIVATE tempo_warnings)
  foreach(layer IN LISTS ARG_DEPENDS)
    target_link_libraries(${target} PRIVATE tempo_${layer})
  endforeach()
  if(ARG_TORCH)
    tempo_use_torch(${target})
  endif()
  if(TEMPO_TESTS)
    add_test(NAME "examples: ${name}" COMMAND ${target})
    set_tests_properties("examples: ${name}" PROPERTIES PASS_REGULAR_EXPRESSION "${ARG_EXPECT}" LABELS examples)
  endif()
endfunction()

# tempo_add_test(name [TORCH] SOURCES a_test.cpp ... [DEPENDS tree ...] [LINK other_target ...]): one Catch2 program
# for a layer; each of its cases is one test of ctest. Those of libtorch are compiled with -O1, which takes a quarter
# less time; their work is elsewhere. Each file alone: many have helpers of the same names.
function(tempo_add_test name)
  cmake_parse_arguments(ARG "TORCH" "" "SOURCES;DEPENDS;LINK" ${ARGN})
  set(target test_${name})
  add_executable(${target} ${ARG_SOURCES})
  target_include_directories(${target} PRIVATE "${PROJECT_SOURCE_DIR}/tests")
  target_compile_definitions(${target} PRIVATE
    TEMPO_GOLDEN_DIR="${PROJECT_SOURCE_DIR}/tests/golden" TEMPO_DATA_DIR="${TEMPO_DATA_DIR}"
    TEMPO_DEPS_DIR="${PROJECT_SOURCE_DIR}/.deps")
  target_link_libraries(${target} PRIVATE tempo_warnings Catch2::Catch2WithMain ${ARG_LINK})
  foreach(layer IN LISTS ARG_DEPENDS)
    target_link_libraries(${target} PRIVATE tempo_${layer})
  endforeach()
  if(ARG_TORCH)
    tempo_use_torch(${target})
    set_target_properties(${target} PROPERTIES UNITY_BUILD OFF)
    target_compile_options(${target} PRIVATE $<$<CONFIG:Release>:-O1>)
  endif()
  catch_discover_tests(${target} TEST_PREFIX "${name}: " DISCOVERY_MODE PRE_TEST PROPERTIES LABELS ${name})
endfunction()
