#include "status/check.h"

#include "base/check.h"

namespace reeve::status {

std::string to_text(CheckVerdict verdict) {
    switch (verdict) {
        case CheckVerdict::Waiting:
            return "waiting";
        case CheckVerdict::Passing:
            return "passing";
        case CheckVerdict::Failing:
            return "failing";
        case CheckVerdict::Fired:
            return "fired";
    }
    CHECK(false);
}

}  // namespace reeve::status
