#!/bin/sh
# Puts Debian's Chromium on the machine for the browser tests, where it may; says how otherwise. Never fails: the tests
# themselves skip without a browser, and fail without one in CI.
set -u
if command -v chromium >/dev/null 2>&1; then
    exit 0
fi
say_how() {
    echo "No Chromium: the browser tests need Debian's package 'chromium' (as root: apt-get install chromium)." >&2
    exit 0
}
command -v apt-get >/dev/null 2>&1 || say_how
[ "$(id -u)" = 0 ] || say_how
echo "Installing Chromium for the browser tests ..."
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium >/dev/null || say_how
