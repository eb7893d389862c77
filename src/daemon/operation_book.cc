#include "daemon/operation_book.h"

#include <algorithm>
#include <utility>

namespace reeve::daemon {

api::Code to_code(core::Refusal refusal) {
    switch (refusal) {
        case core::Refusal::NoSuchTarget:
            return api::Code::NoSuchTarget;
        case core::Refusal::Invalid:
            return api::Code::Invalid;
        case core::Refusal::NotPermitted:
            return api::Code::NotPermitted;
        case core::Refusal::Busy:
            return api::Code::Busy;
    }
    return api::Code::Invalid;
}

void OperationBook::wait(core::OperationId operation, api::AnswerWhen when,
                         api::OperationAnswer answer) {
    operations_[operation].waiters.push_back({when, std::move(answer)});
}

void OperationBook::remembering(core::OperationId operation) {
    const auto found = operations_.find(operation);
    if (found != operations_.end()) ++found->second.not_durable_yet;
}

void OperationBook::remembered(core::OperationId operation, bool durable,
                               const std::string& why_not) {
    const auto found = operations_.find(operation);
    if (found == operations_.end()) return;
    Operation& one = found->second;
    if (one.not_durable_yet > 0) --one.not_durable_yet;
    if (!durable) {
        one.reply.durable = false;
        one.reply.warning = "not remembered on disk yet: " + why_not;
    }
    answer_if_ready(operation);
}

void OperationBook::refused(const core::Refused& refused) {
    const auto found = operations_.find(refused.operation);
    if (found == operations_.end()) return;
    const Operation one = std::move(found->second);
    operations_.erase(found);
    api::OperationReply reply;
    reply.code = to_code(refused.refusal);
    reply.message = refused.message;
    for (const Waiter& waiter : one.waiters)
        waiter.answer(reply);
}

void OperationBook::accepted(const core::Accepted& accepted) {
    const auto found = operations_.find(accepted.operation);
    if (found == operations_.end()) return;
    found->second.is_accepted = true;
    found->second.reply.instances = accepted.instances;
    answer_if_ready(accepted.operation);
}

void OperationBook::done(const core::OperationDone& done) {
    const auto found = operations_.find(done.operation);
    if (found == operations_.end()) return;
    found->second.result = done;
    answer_if_ready(done.operation);
}

void OperationBook::answer_if_ready(core::OperationId id) {
    const auto found = operations_.find(id);
    Operation& one = found->second;
    if (one.not_durable_yet > 0) return;
    std::vector<Waiter> ready;
    if (one.result) {
        one.reply.code = one.result->ok ? api::Code::Done : api::Code::Failed;
        one.reply.message = one.result->message;
        one.reply.problems = one.result->problems;
        ready = std::move(one.waiters);
        one.waiters.clear();
    } else if (one.is_accepted) {
        one.reply.code = api::Code::Accepted;
        const auto later = std::stable_partition(
            one.waiters.begin(), one.waiters.end(),
            [](const Waiter& waiter) { return waiter.when == api::AnswerWhen::Done; });
        std::move(later, one.waiters.end(), std::back_inserter(ready));
        one.waiters.erase(later, one.waiters.end());
    }
    const api::OperationReply reply = one.reply;
    if (one.waiters.empty() && (one.result || one.is_accepted)) operations_.erase(found);
    for (const Waiter& waiter : ready)
        waiter.answer(reply);
}

}  // namespace reeve::daemon
