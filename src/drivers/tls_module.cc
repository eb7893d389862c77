#include "drivers/tls_module.h"

#include <event2/bufferevent.h>
#include <event2/bufferevent_ssl.h>
#include <memory>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

namespace {

struct FreeContext {
    void operator()(SSL_CTX* context) const { ::SSL_CTX_free(context); }
};
using Context = std::unique_ptr<SSL_CTX, FreeContext>;

Context make_context(bool verified) {
    Context context(::SSL_CTX_new(::TLS_client_method()));
    if (context && verified) {
        ::SSL_CTX_set_default_verify_paths(context.get());
        ::SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
    }
    return context;
}

/// Made at its first use: reading all certificates takes a while.
SSL_CTX* context_for(bool verified) {
    static Context contexts[2];
    Context& context = contexts[verified ? 1 : 0];
    if (!context) context = make_context(verified);
    return context.get();
}

}  // namespace

bufferevent* reeve_tls_connection(event_base* loop, const char* host, bool verified) {
    SSL_CTX* context = context_for(verified);
    SSL* session = context == nullptr ? nullptr : ::SSL_new(context);
    if (session == nullptr) return nullptr;
    ::SSL_set_tlsext_host_name(session, host);
    if (verified) ::SSL_set1_host(session, host);
    bufferevent* connection = ::bufferevent_openssl_socket_new(
        loop, -1, session, BUFFEREVENT_SSL_CONNECTING, BEV_OPT_CLOSE_ON_FREE);
    // Many servers end without TLS's own goodbye.
    if (connection != nullptr) ::bufferevent_openssl_set_allow_dirty_shutdown(connection, 1);
    return connection;
}

void reeve_tls_problem(bufferevent* connection, char* text, size_t size) {
    const unsigned long error = ::bufferevent_get_openssl_error(connection);
    text[0] = '\0';
    if (error != 0) ::ERR_error_string_n(error, text, size);
}
