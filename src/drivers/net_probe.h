#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/result.h"
#include "base/time.h"
#include "spec/check_spec.h"

struct event_base;

namespace reeve::drivers {

/// Connects, and asks over HTTP where a probe says so: any number at a time, none waits for
/// another, each ends with its timeout at the latest. Buffers are bounded.
class NetProbes {
public:
    /// What a probe came to: whether it passes, and the answer in words.
    using Done = std::function<void(bool passed, const std::string& text)>;

    /// Probes under way at one time; more wait for their turn, and time out there.
    static constexpr std::size_t kAtOnceMax = 256;

    /// `loop` must outlive this.
    explicit NetProbes(event_base* loop);
    ~NetProbes();

    /// `port` takes the place of a port 0 (PORT). `done` is called once, from the loop, unless the
    /// probe is forgotten. `owner` names whom `forget` means.
    void start(std::uint64_t owner, const spec::HttpProbe& probe, int port, Duration timeout,
               Done done);
    void start(std::uint64_t owner, const spec::TcpProbe& probe, int port, Duration timeout,
               Done done);
    void start(std::uint64_t owner, const spec::UnixProbe& probe, Duration timeout, Done done);

    /// Drops every probe of an owner without an answer.
    void forget(std::uint64_t owner);

private:
    struct State;
    std::unique_ptr<State> state_;
};

/// Where a redirection leads, if it stays on the same server: a path; else empty.
std::string path_after_redirect(const spec::HttpProbe& probe, int port, const std::string& path,
                                const std::string& location);

/// The request for `path`, with the probe's headers.
std::string http_request(const spec::HttpProbe& probe, int port, const std::string& path);

}  // namespace reeve::drivers
