#pragma once

#include "base/random.h"
#include "spec/job_spec.h"
#include "spec/named_event.h"

namespace reeve::sim {

/// A job that listens to what random_event tells, and to the lives of others and its own.
spec::JobSpec random_job(Random& random);

/// One of a few events, so that many of them fit.
spec::NamedEvent random_event(Random& random);

}  // namespace reeve::sim
