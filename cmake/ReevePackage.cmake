# What comes beside the programs: units, completion, manual pages; and the .deb (`cpack -G DEB`).

set(REEVE_EXTRAS ${CMAKE_BINARY_DIR}/extras)
file(MAKE_DIRECTORY ${REEVE_EXTRAS})

# Written by the program itself, so that they know every command.
set(reeve $<TARGET_FILE:reeve>)
set(reference ${CMAKE_SOURCE_DIR}/docs/reference/reeve.toml.md)
add_custom_command(
    OUTPUT ${REEVE_EXTRAS}/reeve.1 ${REEVE_EXTRAS}/reeve.bash ${REEVE_EXTRAS}/reeve.zsh
           ${REEVE_EXTRAS}/reeve.fish ${REEVE_EXTRAS}/reeve.toml.5
    COMMAND ${reeve} completion bash > ${REEVE_EXTRAS}/reeve.bash
    COMMAND ${reeve} completion zsh > ${REEVE_EXTRAS}/reeve.zsh
    COMMAND ${reeve} completion fish > ${REEVE_EXTRAS}/reeve.fish
    COMMAND ${CMAKE_SOURCE_DIR}/tools/make_man ${reeve} > ${REEVE_EXTRAS}/reeve.1
    COMMAND ${CMAKE_SOURCE_DIR}/tools/make_man --toml ${reeve} ${reference}
            > ${REEVE_EXTRAS}/reeve.toml.5
    DEPENDS reeve ${CMAKE_SOURCE_DIR}/tools/make_man ${reference}
    VERBATIM)
add_custom_target(extras ALL DEPENDS ${REEVE_EXTRAS}/reeve.1)
add_dependencies(programs extras)  # what is installed is complete with them

# Filled in when it is installed: only then the prefix is known.
set(share ${CMAKE_INSTALL_DATADIR})
install(CODE "
    set(CMAKE_INSTALL_FULL_BINDIR \${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_BINDIR})
    configure_file(${CMAKE_SOURCE_DIR}/packaging/systemd/reeve.service
        ${REEVE_EXTRAS}/reeve.service @ONLY)
    configure_file(${CMAKE_SOURCE_DIR}/packaging/systemd/reeve-bluepill.service
        ${REEVE_EXTRAS}/reeve-bluepill.service @ONLY)
    configure_file(${CMAKE_SOURCE_DIR}/packaging/reeve.openrc.in
        ${REEVE_EXTRAS}/reeve.openrc @ONLY)")
install(FILES ${REEVE_EXTRAS}/reeve.service ${REEVE_EXTRAS}/reeve-bluepill.service
    DESTINATION lib/systemd/system)
install(PROGRAMS ${REEVE_EXTRAS}/reeve.openrc DESTINATION ${share}/reeve)
install(FILES packaging/reeve.sysusers DESTINATION lib/sysusers.d RENAME reeve.conf)
install(FILES packaging/reeve.tmpfiles DESTINATION lib/tmpfiles.d RENAME reeve.conf)
install(FILES ${REEVE_EXTRAS}/reeve.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
install(FILES ${REEVE_EXTRAS}/reeve.toml.5 DESTINATION ${CMAKE_INSTALL_MANDIR}/man5)
install(FILES packaging/reeved.8 packaging/reeve-keeper.8 packaging/reeve-scribe.8
    DESTINATION ${CMAKE_INSTALL_MANDIR}/man8)
install(FILES ${REEVE_EXTRAS}/reeve.bash DESTINATION ${share}/bash-completion/completions
    RENAME reeve)
install(FILES ${REEVE_EXTRAS}/reeve.zsh DESTINATION ${share}/zsh/vendor-completions RENAME _reeve)
install(FILES ${REEVE_EXTRAS}/reeve.fish DESTINATION ${share}/fish/vendor_completions.d)
install(FILES LICENSE README.md DESTINATION ${CMAKE_INSTALL_DOCDIR})

set(CMAKE_SKIP_INSTALL_ALL_DEPENDENCY ON)
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME reeve)
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGE_CONTACT "reeve <root@localhost>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "process manager for a server's applications")
set(CPACK_SET_DESTDIR ON)
set(CPACK_INSTALL_PREFIX /usr)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION admin)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)  # what the programs are linked with
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "bash")
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "nginx, ruby")
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA
    ${CMAKE_SOURCE_DIR}/packaging/postinst ${CMAKE_SOURCE_DIR}/packaging/prerm)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
include(CPack)
