#include "daemon/deploy_scripts.h"

namespace reeve::daemon {

const char* const kFetchDirectory = R"sh(
rm -rf "$1" && mkdir "$1"
cp -R --preserve=mode,timestamps,links "$2/." "$1/"
rm -rf "$1/.git"
)sh";

const char* const kFetchArchive = R"sh(
rm -rf "$1" "$1.file" && mkdir "$1"
file=$2
case $2 in
http://*|https://*)
    file="$1.file"
    if command -v curl >/dev/null; then curl -fsSL -o "$file" -- "$2"
    else wget -q -O "$file" -- "$2"; fi ;;
esac
if [ ! -r "$file" ]; then echo "$2: cannot be read as $(id -un)"; exit 1; fi
if [ "$(head -c 2 "$file")" = PK ]; then
    if command -v unzip >/dev/null; then unzip -q "$file" -d "$1"
    else python3 -m zipfile -e "$file" "$1"; fi
else
    tar --no-same-owner -xf "$file" -C "$1"
fi
rm -f "$1.file"
if [ "$(ls -A "$1" | wc -l)" = 1 ] && [ -d "$1/$(ls -A "$1")" ]; then
    mv "$1/$(ls -A "$1")" "$1.top" && rmdir "$1" && mv "$1.top" "$1"
fi
)sh";

const char* const kFetchGit = R"sh(
rm -rf "$1" "$4"
export GIT_TERMINAL_PROMPT=0
if ! command -v git >/dev/null; then echo 'git is not installed'; exit 1; fi
if [ -z "$3" ]; then git clone -q --depth 1 -- "$2" "$1"
elif ! git clone -q --depth 1 --branch "$3" -- "$2" "$1" 2>/dev/null; then
    rm -rf "$1"
    git clone -q -- "$2" "$1"
    git -C "$1" checkout -q "$3" --
fi
git -C "$1" rev-parse HEAD >"$4"
git -C "$1" submodule --quiet update --init --recursive
rm -rf "$1/.git"
)sh";

const char* const kBuild = R"sh(
rm -rf "$1" && mkdir -p "$1"
cp -R --preserve=mode,timestamps,links "$2/." "$1/"
cd "$1"
[ -z "$3" ] && exit 0
shell=$(command -v bash || command -v sh)
exec "$shell" -e -c "$3"
)sh";

const char* const kBuildWithBuildpacks = R"sh(
base=$PWD; release=$1; cache=$4; environment=$5
rm -rf "$release" "$environment" && mkdir -p "$release" "$cache" "$environment"
cp -R --preserve=mode,timestamps,links "$2/." "$release/"
env | while IFS='=' read -r name value; do
    case $name in
    PATH|HOME|PWD|SHLVL|_|*[!A-Za-z0-9_]*) ;;
    *) printf %s "$value" >"$environment/$name" ;;
    esac
done
n=0; used=
while read -r pack; do
    [ -z "$pack" ] && continue
    n=$((n + 1)); dir=$base/buildpacks/$n
    case $pack in
    /*) dir=$pack ;;
    *)  rm -rf "$dir"; mkdir -p "$base/buildpacks"
        GIT_TERMINAL_PROMPT=0 git clone -q --depth 1 -- "${pack%%#*}" "$dir" ;;
    esac
    if ! name=$("$dir/bin/detect" "$release"); then
        echo "-----> The buildpack $pack does not fit this app"; continue
    fi
    echo "-----> $name app detected"
    used=$dir
    (cd "$release" && "$dir/bin/compile" "$release" "$cache" "$environment") </dev/null
    if [ -f "$dir/export" ]; then set +u; . "$dir/export"; set -u; fi
done <<END
$3
END
rm -rf "$environment"
if [ -z "$used" ]; then echo 'no buildpack fits this app'; exit 1; fi
if [ -x "$used/bin/release" ]; then
    "$used/bin/release" "$release" | sed -n '/^default_process_types:/,/^[^ ]/s/^ *web: *//p' |
        head -n 1 >"$release/.reeve-default-web"
fi
)sh";

const char* const kTidy = R"sh(
if [ -d source.new ]; then rm -rf source && mv source.new source; fi
[ -d releases ] || exit 0
for one in releases/*; do
    case " $1 " in *" ${one#releases/} "*) ;; *) rm -rf "$one" ;; esac
done
)sh";

const char* const kDiscard = R"sh(
rm -rf source.new source.new.file
[ -z "$1" ] || rm -rf "$1"
)sh";

const char* const kRemoveAll = R"sh(
rm -rf source source.new releases buildpacks cache environment revision
)sh";

}  // namespace reeve::daemon
