#include "drivers/socket_events.h"

#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <event2/event.h>
#include <gtest/gtest.h>
#include <netinet/in.h>

#include "base/test_directory.h"

namespace reeve::drivers {
namespace {

spec::EventMatch socket_leaf(std::vector<spec::EventArgument> arguments) {
    return {"socket", std::move(arguments)};
}

spec::Service waits_for(std::vector<spec::EventNode> nodes) {
    spec::Service service;
    service.name = "web";
    service.job.emplace().start_on = spec::EventExpr{std::move(nodes)};
    return service;
}

TEST(SocketEventsTest, ReadsAddressesOutOfWhatStartsAJob) {
    const spec::Service service = waits_for(
        {socket_leaf({{"PROTO", "inet", false}, {"PORT", "80", false}}),
         socket_leaf({{"PROTO", "inet6", false}, {"PORT", "81", false}, {"ADDR", "::1", false}}),
         spec::EventOr{},
         socket_leaf({{"PROTO", "unix", false}, {"SOCKET_PATH", "/run/web", false}}),
         spec::EventOr{}, socket_leaf({{"PROTO", "inet", false}, {"PORT", "0", false}}),
         spec::EventOr{}, socket_leaf({{"PROTO", "unix", false}, {"SOCKET_PATH", "web", false}}),
         spec::EventOr{}, socket_leaf({{"PROTO", "inet", false}, {"PORT", "80", false}}),
         spec::EventOr{}});
    std::string texts;
    for (const SocketAddress& address : sockets_of(service))
        texts += to_text(address) + "\n";
    EXPECT_EQ(texts, "inet 0.0.0.0:80\ninet6 ::1:81\nunix /run/web\n");
}

TEST(SocketEventsTest, TheEventSaysWhereSomebodyConnects) {
    EXPECT_EQ(to_text(socket_event({"inet", "0.0.0.0", 80})),
              "socket PROTO=inet PORT=80 ADDR=0.0.0.0");
    EXPECT_EQ(to_text(socket_event({"unix", "/run/web", 0})),
              "socket PROTO=unix SOCKET_PATH=/run/web");
}

/// Listens at one socket of a directory of its own.
struct Listening {
    TestDirectory directory;
    event_base* loop = nullptr;
    std::unique_ptr<os::Spawner> spawner;
    std::unique_ptr<KeeperClient> keeper;
    std::unique_ptr<SocketEvents> sockets;
    std::vector<std::string> heard;

    Listening() {
        spawner = os::Spawner::create().value();
        loop = ::event_base_new();
        keeper = std::make_unique<KeeperClient>(os::UniqueFd(), ::getpid());
        sockets = make();
    }
    ~Listening() {
        sockets.reset();
        ::event_base_free(loop);
    }
    std::unique_ptr<SocketEvents> make() {
        return SocketEvents::create(
                   {loop, *spawner, *keeper},
                   [this](const spec::NamedEvent& event) { heard.push_back(to_text(event)); })
            .value();
    }
    SocketAddress address() const { return {"unix", directory.path("socket"), 0}; }
    os::UniqueFd connect() const {
        os::UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM, 0));
        sockaddr_un name{};
        name.sun_family = AF_UNIX;
        ::strncpy(name.sun_path, address().address.c_str(), sizeof name.sun_path - 1);
        const int result = ::connect(fd.get(), reinterpret_cast<sockaddr*>(&name), sizeof name);
        return result == 0 ? std::move(fd) : os::UniqueFd();
    }
    void hear(std::size_t events) {
        while (heard.size() < events)
            ::event_base_loop(loop, EVLOOP_ONCE);
    }
};

// In a process of its own, since a Spawner wants the low descriptors.
void in_a_child(int (*test)()) {
    const pid_t child = ::fork();
    if (child == 0) ::_exit(test());
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
}

int each_connection_is_told() {
    Listening listening;
    listening.sockets->listen({listening.address()});
    const os::UniqueFd first = listening.connect();
    listening.hear(1);
    const os::UniqueFd second = listening.connect();
    listening.hear(2);
    return listening.heard[1] == "socket PROTO=unix SOCKET_PATH=" + listening.address().address ? 0
                                                                                                : 1;
}

TEST(SocketEventsTest, EachConnectionIsToldAndOnesThatComeTogetherOnce) {
    in_a_child(each_connection_is_told);
}

int gone_with_its_job() {
    Listening listening;
    listening.sockets->listen({listening.address()});
    spec::Service service = waits_for({socket_leaf(
        {{"PROTO", "unix", false}, {"SOCKET_PATH", listening.address().address, false}})});
    if (listening.sockets->passed_to(service).size() != 1) return 1;
    if (!listening.connect()) return 2;
    listening.sockets->listen({});
    if (!listening.sockets->passed_to(service).empty()) return 3;
    if (std::filesystem::exists(listening.address().address)) return 4;
    return listening.connect() ? 5 : 0;
}

TEST(SocketEventsTest, ASocketGoesWithTheLastJobThatWaitsForIt) {
    in_a_child(gone_with_its_job);
}

int stale_file_is_replaced() {
    Listening listening;
    {
        os::UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM, 0));
        sockaddr_un name{};
        name.sun_family = AF_UNIX;
        ::strncpy(name.sun_path, listening.address().address.c_str(), sizeof name.sun_path - 1);
        if (::bind(fd.get(), reinterpret_cast<sockaddr*>(&name), sizeof name) != 0) return 1;
    }
    listening.sockets->listen({listening.address()});
    return listening.connect() ? 0 : 2;
}

TEST(SocketEventsTest, AFileThatNobodyListensAtIsNotInTheWay) {
    in_a_child(stale_file_is_replaced);
}

int kept_over_a_replacement() {
    Listening listening;
    listening.sockets->listen({listening.address()});
    std::map<std::string, os::UniqueFd> stored;
    listening.sockets->visit(
        [&stored](const std::string& name, int fd) { stored[name] = os::UniqueFd(::dup(fd)); });
    // As when reeved has gone: nothing of it is tidied up.
    listening.sockets = listening.make();
    const os::UniqueFd waiting = listening.connect();
    if (!waiting) return 1;
    listening.sockets->restore(stored);
    listening.sockets->listen({listening.address()});
    listening.hear(1);
    return 0;
}

TEST(SocketEventsTest, WhoConnectsWhileReevedIsReplacedIsHeard) {
    in_a_child(kept_over_a_replacement);
}

}  // namespace
}  // namespace reeve::drivers
