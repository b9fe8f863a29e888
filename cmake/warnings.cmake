add_compile_options(-Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor
                    -Wold-style-cast -Woverloaded-virtual -Wnull-dereference
                    -Wimplicit-fallthrough -Werror)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND (ZW_SANITIZE OR NOT CMAKE_BUILD_TYPE STREQUAL "Debug"))
  # g++ 12 sees null dereferences inside inlined or instrumented library code that are not there.
  add_compile_options(-Wno-null-dereference -Wno-stringop-overflow -Wno-array-bounds
                      -Wno-stringop-overread -Wno-restrict -Wno-maybe-uninitialized)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  # libstdc++ 12 uses a deprecated name of its own in std::stable_sort; g++ still warns about ours.
  add_compile_options(-Wno-deprecated-declarations)
endif()
