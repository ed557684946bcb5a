#!/bin/sh
# Puts Debian's packages for the tests (or those that are named as arguments) on the machine, where it may; says how
# otherwise. Never fails: the tests themselves skip without a program, and fail without one in CI.
set -u
PATH="$PATH:/usr/sbin:/sbin" # where Debian keeps servers
[ "$#" -gt 0 ] || set -- chromium-headless-shell nginx-light pgbouncer
missing=""
for package in "$@"; do
    case $package in
        nginx-light) program=nginx ;;
        *) program=$package ;;
    esac
    command -v "$program" >/dev/null 2>&1 || missing="$missing $package"
done
[ -n "$missing" ] || exit 0
say_how() {
    echo "Tests that need Debian's packages are skipped without them (as root: apt-get install$missing)." >&2
    exit 0
}
command -v apt-get >/dev/null 2>&1 || say_how
[ "$(id -u)" = 0 ] || say_how
echo "Installing for the tests:$missing ..."
export DEBIAN_FRONTEND=noninteractive
# Their services must not be started: tests start servers of their own.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' >"$policy" && chmod 755 "$policy" && trap 'rm -f "$policy"' EXIT
fi
# shellcheck disable=SC2086 # a list of packages
apt-get update -qq && apt-get install -y -qq --no-install-recommends $missing >/dev/null || say_how
