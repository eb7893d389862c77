#pragma once

#include <stddef.h>

struct bufferevent;
struct event_base;

// TLS for checks by HTTPS. OpenSSL costs a megabyte and a third of the daemon's start, and few
// services are checked in this way: it lives in a module, lib/reeve/reeve-tls.so, which is loaded
// at its first use (docs/decisions/0016). The names of these functions are its contract: one that
// changes gets another name, so that a daemon which loads a newer module is told so.
extern "C" {

/// A connection to `host`, which is connected later; its certificate is verified where `verified`
/// says so. The caller owns it. nullptr: it could not be made.
bufferevent* reeve_tls_connection(event_base* loop, const char* host, bool verified);

/// What went wrong with a connection that was made above, into `text`; empty: nothing that TLS
/// knows of.
void reeve_tls_problem(bufferevent* connection, char* text, size_t size);
}
