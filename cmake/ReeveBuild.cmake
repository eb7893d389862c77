# How every target of reeve is built: one function per kind of target.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
option(REEVE_SANITIZE "Build with AddressSanitizer and UndefinedBehaviorSanitizer" OFF)
option(REEVE_FUZZ "Build the fuzz targets (needs clang)" OFF)
# In our own builds only: a warning of a newer compiler must not keep a user from reeve.
option(REEVE_WERROR "Take warnings for errors" OFF)

find_program(REEVE_CCACHE ccache)
if(REEVE_CCACHE)
    # What one clone has compiled is not compiled again in another.
    set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env
        CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1 ${REEVE_CCACHE})
endif()

# A dozen files are one unit of compilation: their headers are read and their templates made once.
# `-DREEVE_UNITS=OFF` compiles each alone.
option(REEVE_UNITS "Compile files of a folder together" ON)
set(CMAKE_UNITY_BUILD ${REEVE_UNITS})
set(CMAKE_UNITY_BUILD_BATCH_SIZE 12)
file(STRINGS ${CMAKE_SOURCE_DIR}/cmake/compiled_alone.txt REEVE_COMPILED_ALONE REGEX "^[^#]")
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS
    ${CMAKE_SOURCE_DIR}/cmake/compiled_alone.txt)
foreach(file ${REEVE_COMPILED_ALONE})
    set_source_files_properties(${CMAKE_SOURCE_DIR}/${file}
        PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
endforeach()

include(CheckLinkerFlag)
find_package(PkgConfig REQUIRED)
# Static, for the daemon is started in no time and hardly anything else maps them: decision 0020.
find_library(LIBEVENT_CORE libevent_core.a REQUIRED)
find_library(LIBEVENT_EXTRA libevent_extra.a REQUIRED)
find_library(PCRE2 libpcre2-8.a REQUIRED)
# Not libevent_openssl.pc, which brings all of libevent a second time.
pkg_check_modules(OPENSSL REQUIRED IMPORTED_TARGET libssl libcrypto)
find_library(LIBEVENT_OPENSSL libevent_openssl.so REQUIRED)
pkg_check_modules(SQLITE REQUIRED IMPORTED_TARGET sqlite3)
find_package(GTest REQUIRED)
include(GoogleTest)

add_library(reeve_options INTERFACE)
target_include_directories(reeve_options INTERFACE ${CMAKE_SOURCE_DIR}/src)
target_compile_options(reeve_options INTERFACE
    -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wswitch-enum $<$<BOOL:${REEVE_WERROR}>:-Werror>
    -Wno-missing-field-initializers
    -fstack-protector-strong
    # Paths in messages start at the root of the tree, and a clone's objects are another's, too.
    -ffile-prefix-map=${CMAKE_SOURCE_DIR}/=)
if(NOT CMAKE_CXX_COMPILER_ID MATCHES Clang)
    # TRY is a statement expression, which both compilers take.
    target_compile_options(reeve_options INTERFACE -Wno-pedantic)
    if(REEVE_UNITS)
        # Said of names that only the unit puts side by side.
        target_compile_options(reeve_options INTERFACE
            -Wno-subobject-linkage -Wno-shadow -Wshadow=local)
    endif()
else()
    target_compile_options(reeve_options INTERFACE
        -Wno-gnu-statement-expression -Wno-gnu-zero-variadic-macro-arguments)
    if(REEVE_UNITS)
        target_compile_options(reeve_options INTERFACE -Wno-shadow)
    endif()
endif()
target_compile_definitions(reeve_options INTERFACE
    _GLIBCXX_ASSERTIONS REEVE_VERSION="${PROJECT_VERSION}")
target_link_options(reeve_options INTERFACE -Wl,-z,relro,-z,now -Wl,--as-needed)
# What no program uses of a library is not loaded with it.
target_compile_options(reeve_options INTERFACE
    $<$<CONFIG:Release>:-ffunction-sections> $<$<CONFIG:Release>:-fdata-sections>)
target_link_options(reeve_options INTERFACE $<$<CONFIG:Release>:-Wl,--gc-sections>)
# A start of the daemon executes four programs: without the shared library each starts sooner, and
# so it does with relocations that take a bit each (glibc 2.36 and later).
target_link_options(reeve_options INTERFACE
    $<$<CONFIG:Release>:-static-libstdc++> $<$<CONFIG:Release>:-static-libgcc>
    $<$<CONFIG:Release>:-Wl,-z,pack-relative-relocs>)
# libstdc++ names two functions of the mathematical library, which would be loaded for them.
target_link_options(reeve_options INTERFACE
    $<$<CONFIG:Release>:-Wl,--undefined=fesetround,--undefined=fegetround>)
# ldexp(3), which libm.a lacks, is in libc, too: asked before the compiler's own -lm. A plain -lc
# would be put after that by g++.
target_link_libraries(reeve_options INTERFACE
    $<$<CONFIG:Release>:-l:libm.a> $<$<CONFIG:Release>:-l:libc.so>)
if(REEVE_SANITIZE)
    if(NOT CMAKE_CXX_COMPILER_ID MATCHES Clang)
        # gcc(1): with sanitizers these warn of what is not so.
        target_compile_options(reeve_options INTERFACE
            -Wno-maybe-uninitialized -Wno-array-bounds -Wno-stringop-overflow
            -Wno-stringop-overread -Wno-restrict -Wno-dangling-pointer)
    endif()
    target_compile_options(reeve_options INTERFACE
        -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
    target_link_options(reeve_options INTERFACE -fsanitize=address,undefined)
    find_program(REEVE_MOLD mold)
    if(REEVE_MOLD)
        target_link_options(reeve_options INTERFACE -fuse-ld=mold)
    endif()
endif()

# The library of src/NAME and, beside it, the unit tests of that folder (`*_test.cc`).
function(reeve_library name)
    cmake_parse_arguments(ARG "" "" "DEPS" ${ARGN})
    set(folder ${CMAKE_SOURCE_DIR}/src/${name})
    file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${folder}/*.cc)
    set(tests ${sources})
    list(FILTER sources EXCLUDE REGEX "_test\\.cc$|_main\\.cc$|_module\\.cc$")
    list(FILTER tests INCLUDE REGEX "_test\\.cc$")
    if(NOT sources)
        add_library(reeve_${name} INTERFACE)
        target_link_libraries(reeve_${name} INTERFACE reeve_options)
    else()
        add_library(reeve_${name} STATIC ${sources})
        target_link_libraries(reeve_${name} PUBLIC reeve_options)
        foreach(dep ${ARG_DEPS})
            target_link_libraries(reeve_${name} PUBLIC reeve_${dep})
        endforeach()
    endif()
    if(tests)
        add_executable(${name}_test ${tests})
        target_link_libraries(${name}_test PRIVATE reeve_${name} GTest::gtest GTest::gtest_main)
        target_compile_options(${name}_test PRIVATE -Wno-unused-result)
        set_target_properties(${name}_test PROPERTIES UNITY_BUILD ON)  # nobody builds one of them
        gtest_discover_tests(${name}_test DISCOVERY_TIMEOUT 60
            WORKING_DIRECTORY ${CMAKE_SOURCE_DIR} PROPERTIES LABELS unit)
    endif()
endfunction()

# Optimized in builds for tests, too: the simulator runs it through a thousand worlds.
function(reeve_quick target)
    target_compile_options(${target} PRIVATE $<$<CONFIG:Debug>:-O1>)
endfunction()

# What runs when somebody asks for it, and not when a process ends: small rather than fast.
function(reeve_small target)
    target_compile_options(${target} PRIVATE $<$<CONFIG:Release>:-Os>)
endfunction()

# Libraries of others, each named once, for the one folder that uses it.
function(reeve_link folder)
    if(TARGET reeve_${folder})
        get_target_property(kind reeve_${folder} TYPE)
        if(kind STREQUAL INTERFACE_LIBRARY)
            target_link_libraries(reeve_${folder} INTERFACE ${ARGN})
        else()
            target_link_libraries(reeve_${folder} PUBLIC ${ARGN})
        endif()
    endif()
endfunction()

function(reeve_libraries_used)
    # fmt is used inside base/log.cc only: one shared library less to load.
    target_compile_definitions(reeve_base PRIVATE FMT_HEADER_ONLY)
    # Runs in a child that shares the daemon's memory while the daemon runs on.
    set_source_files_properties(${CMAKE_SOURCE_DIR}/src/os/child_setup.cc
        TARGET_DIRECTORY reeve_os
        PROPERTIES COMPILE_OPTIONS "-fno-sanitize=all;-fno-stack-protector")
    # toml++ in the one file that reads TOML; its own limit of nesting is 256.
    set_source_files_properties(${CMAKE_SOURCE_DIR}/src/formats/native/document.cc
        TARGET_DIRECTORY reeve_formats
        PROPERTIES COMPILE_DEFINITIONS
        "TOML_HEADER_ONLY=1;TOML_EXCEPTIONS=0;TOML_ENABLE_FORMATTERS=0;TOML_MAX_NESTED_VALUES=32")
    reeve_link(scribe PkgConfig::SQLITE ${LIBEVENT_CORE})
    reeve_link(drivers ${LIBEVENT_EXTRA} ${LIBEVENT_CORE} ${PCRE2})
    reeve_link(api ${LIBEVENT_CORE})
    reeve_link(daemon ${LIBEVENT_CORE})
endfunction()

# What the system's libevent_openssl, which the TLS module brings, wants of libevent is exported by
# `program`: there is one libevent in it.
function(reeve_export_libevent program)
    set(list ${CMAKE_BINARY_DIR}/libevent_symbols.list)
    execute_process(COMMAND ${CMAKE_NM} --dynamic --undefined-only --format=posix
        ${LIBEVENT_OPENSSL} OUTPUT_VARIABLE wanted COMMAND_ERROR_IS_FATAL ANY)
    string(REGEX MATCHALL "(buffer)?ev[a-z0-9_]+" names "${wanted}")
    list(JOIN names ";\n" names)
    file(CONFIGURE OUTPUT ${list} CONTENT "{\n${names};\n};\n" @ONLY)
    target_link_options(${program} PRIVATE -Wl,--dynamic-list=${list})
endfunction()

# What a program calls in its daily life stands together in it: decision 0021. Linkers that cannot
# leave it as it comes.
set(REEVE_FUNCTION_ORDER ${CMAKE_SOURCE_DIR}/cmake/function_order.ld)
check_linker_flag(CXX -Wl,-T,${REEVE_FUNCTION_ORDER} REEVE_ORDERS_FUNCTIONS)

function(reeve_order_functions program)
    if(REEVE_ORDERS_FUNCTIONS)
        target_link_options(${program} PRIVATE
            $<$<CONFIG:Release>:-Wl,-T,${REEVE_FUNCTION_ORDER}>)
        set_property(TARGET ${program} APPEND PROPERTY LINK_DEPENDS ${REEVE_FUNCTION_ORDER})
    endif()
endfunction()

function(reeve_program name folder)
    set(main ${CMAKE_SOURCE_DIR}/src/${folder}/${folder}_main.cc)
    if(EXISTS ${main})
        add_executable(${name} ${main})
        target_link_libraries(${name} PRIVATE ${ARGN})
        reeve_order_functions(${name})
        add_dependencies(programs ${name})
        install(TARGETS ${name} RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
    endif()
endfunction()

# The personalities are the program `reeve` under other names; it looks at argv[0].
function(reeve_compat_links)
    set(folder ${CMAKE_BINARY_DIR}/compat)
    file(MAKE_DIRECTORY ${folder} ${CMAKE_RUNTIME_OUTPUT_DIRECTORY})
    file(CREATE_LINK reeve ${CMAKE_RUNTIME_OUTPUT_DIRECTORY}/reeve-pill SYMBOLIC)
    install(CODE "
        set(folder \$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_BINDIR})
        file(MAKE_DIRECTORY \${folder})
        file(CREATE_LINK reeve \${folder}/reeve-pill SYMBOLIC)")
    foreach(name bluepill initctl init-checkconf start stop restart reload status dokku)
        file(CREATE_LINK ../bin/reeve ${folder}/${name} SYMBOLIC)
        install(CODE "
            set(folder \$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/lib/reeve/compat)
            file(MAKE_DIRECTORY \${folder})
            file(CREATE_LINK ../../../${CMAKE_INSTALL_BINDIR}/reeve \${folder}/${name} SYMBOLIC)")
    endforeach()
endfunction()

# What the system's Ruby executes to evaluate .pill files: in ../lib/reeve/ruby, seen from bin.
function(reeve_ruby_files)
    file(GLOB files CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/formats/pill/ruby/*.rb)
    foreach(file ${files})
        get_filename_component(name ${file} NAME)
        configure_file(${file} ${CMAKE_BINARY_DIR}/lib/reeve/ruby/${name} COPYONLY)
    endforeach()
    install(FILES ${files} DESTINATION lib/reeve/ruby)
endfunction()

# Loaded by reeved at the first check by HTTPS: in ../lib/reeve, seen from bin.
function(reeve_tls_module)
    add_library(reeve-tls MODULE ${CMAKE_SOURCE_DIR}/src/drivers/tls_module.cc)
    target_link_libraries(reeve-tls PRIVATE
        reeve_options ${LIBEVENT_OPENSSL} PkgConfig::OPENSSL)
    set_target_properties(reeve-tls PROPERTIES
        PREFIX "" LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/lib/reeve)
    foreach(program reeved drivers_test)
        add_dependencies(${program} reeve-tls)
        reeve_export_libevent(${program})
    endforeach()
    install(TARGETS reeve-tls LIBRARY DESTINATION lib/reeve)
endfunction()

function(reeve_programs)
    add_custom_target(programs)
    reeve_program(reeve cli reeve_cli)
    reeve_program(reeved daemon reeve_daemon)
    reeve_program(reeve-scribe scribe reeve_scribe)
    reeve_program(reeve-keeper keeper reeve_keeper)
    reeve_tls_module()
    reeve_compat_links()
    reeve_ruby_files()
endfunction()

function(reeve_cross_folder_tests)
    foreach(folder sim scenarios golden fields e2e)
        if(EXISTS ${CMAKE_SOURCE_DIR}/tests/${folder}/CMakeLists.txt)
            add_subdirectory(tests/${folder})
        endif()
    endforeach()
    add_subdirectory(fuzz)
endfunction()
