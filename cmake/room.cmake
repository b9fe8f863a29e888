# zw_room(<step> <room> [DEPS target...] [TEST_DEPS target...])
#
# Makes the library zw_<room> of every .cc beside it, and the test program
# zw_<room>_test of every *_test.cc. The include root is the step (core/,
# ground/, systems/), so a room is included as "<room>/<header>.h" and a lower
# step does not find the headers of a higher one. The global property ZW_ROOMS
# lists the libraries for fuzz/ and bench/.
#
# Under the sanitizer of undefined behaviour the tests themselves are not
# optimized, since its checks double what the optimizer reads.
function(zw_room step room)
  cmake_parse_arguments(ARG "" "" "DEPS;TEST_DEPS" ${ARGN})
  set(dir ${PROJECT_SOURCE_DIR}/${step}/${room})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${dir}/*.cc)
  set(tests ${sources})
  list(FILTER sources EXCLUDE REGEX "_test\\.cc$")
  list(FILTER tests INCLUDE REGEX "_test\\.cc$")
  if(sources)
    add_library(zw_${room} STATIC ${sources})
    set(kind PUBLIC)
  else()
    add_library(zw_${room} INTERFACE)
    set(kind INTERFACE)
  endif()
  target_include_directories(zw_${room} ${kind} ${PROJECT_SOURCE_DIR}/${step})
  target_link_libraries(zw_${room} ${kind} ${ARG_DEPS})
  set_property(GLOBAL APPEND PROPERTY ZW_ROOMS zw_${room})
  if(ZW_TESTS AND tests)
    add_executable(zw_${room}_test ${tests} ${PROJECT_SOURCE_DIR}/tests/unit_main.cc)
    target_link_libraries(zw_${room}_test zw_${room} ${ARG_TEST_DEPS})
    if(ZW_SANITIZE MATCHES undefined)
      target_compile_options(zw_${room}_test PRIVATE -O0)
    endif()
    # Only tests that read files of the tree know where it is, so that the others compile alike everywhere.
    foreach(test ${tests})
      file(STRINGS ${test} places REGEX ZW_SOURCE_DIR)
      if(places)
        set_source_files_properties(${test} PROPERTIES COMPILE_DEFINITIONS ZW_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
      endif()
    endforeach()
    add_test(NAME ${step}/${room} COMMAND zw_${room}_test)
  endif()
endfunction()
