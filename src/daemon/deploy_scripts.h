#pragma once

// The shell's part of a deploy: each is run as the app's user by `sh -e -u -c SCRIPT sh ARGUMENTS`,
// in the app's own directory below the state directory.
namespace reeve::daemon {

/// TARGET SOURCE: a copy of a directory, without its .git.
extern const char* const kFetchDirectory;

/// TARGET SOURCE: what is in a tar or zip file, a path or a URL. A single directory at its top is
/// left out, as in Dokku.
extern const char* const kFetchArchive;

/// TARGET SOURCE REFERENCE REVISION_FILE: a commit of a repository, which is named in the file.
extern const char* const kFetchGit;

/// RELEASE SOURCE COMMAND: the release's directory, in which the command (may be empty) was run.
extern const char* const kBuild;

/// RELEASE SOURCE BUILDPACKS CACHE ENVIRONMENT: the same with Heroku's buildpacks, one to a line.
/// The web process that they offer is left in the release as `.reeve-default-web`.
extern const char* const kBuildWithBuildpacks;

/// KEPT: after a success; a new source takes the old one's place, and of the releases only those
/// whose numbers are named (with blanks between) stay.
extern const char* const kTidy;

/// RELEASE (may be empty): after a failure.
extern const char* const kDiscard;

/// Removes everything of the app.
extern const char* const kRemoveAll;

}  // namespace reeve::daemon
