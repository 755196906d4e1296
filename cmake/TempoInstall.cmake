# Installs the programs, the libraries with their headers, and the CMake package `tempo` (TempoConfig.cmake.in).
include(CMakePackageConfigHelpers)

if(TEMPO_PROGRAMS)
  set(programs tempo-train tempo-eval tempo-sample tempo-tree tempo-verify)
  # They look for libtorch where it was when they were built.
  set_target_properties(${programs} PROPERTIES INSTALL_RPATH_USE_LINK_PATH ON)
  install(TARGETS ${programs})
endif()

get_property(libraries GLOBAL PROPERTY TEMPO_LIBRARIES)
install(TARGETS ${libraries} tempo_all EXPORT tempo)
install(TARGETS tempo_kernels_c)  # for other languages
install(DIRECTORY libtempo/include/ kernels/include/ DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}"
  FILES_MATCHING PATTERN "*.h")

set(package "${CMAKE_INSTALL_LIBDIR}/cmake/tempo")
install(EXPORT tempo NAMESPACE tempo:: FILE tempo-targets.cmake DESTINATION "${package}")
configure_package_config_file(cmake/TempoConfig.cmake.in "${PROJECT_BINARY_DIR}/package/tempo-config.cmake"
  INSTALL_DESTINATION "${package}" NO_SET_AND_CHECK_MACRO)
write_basic_package_version_file("${PROJECT_BINARY_DIR}/package/tempo-config-version.cmake"
  COMPATIBILITY SameMinorVersion)  # before 1.0 a minor version may break what uses it
install(FILES
  "${PROJECT_BINARY_DIR}/package/tempo-config.cmake" "${PROJECT_BINARY_DIR}/package/tempo-config-version.cmake"
  cmake/TempoTorch.cmake
  DESTINATION "${package}")
