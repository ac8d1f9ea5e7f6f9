#!/bin/sh
# Looks for what building and testing klerk needs: Rust, a C and a C++ compiler, make, perl, Java 17 or newer, and Maven.
# Installs what is missing by the system's package manager where it may (as root, with a sudo that asks for no password, or with
# Homebrew); otherwise says exactly what to install and ends with status 1.
#
#     scripts/deps.sh            look and install
#     scripts/deps.sh --look     look only
#     scripts/deps.sh --build    look for what building alone needs, which is no Java and no Maven, and install that
set -u
cd "$(dirname "$0")/.." || exit 1
PATH=$PATH:$HOME/.cargo/bin

have() { command -v "$1" >/dev/null 2>&1; }

# The number in `version "17.0.15"`, and 8 for `version "1.8.0_392"`; 0 for what is no Java.
java_major() {
    numbers=$("$1" -version 2>&1 | sed -n 's/.* version "\([0-9]*\)[^0-9]*\([0-9]*\).*/\1 \2/p' | head -n 1)
    major=${numbers%% *}
    [ "${major:-0}" != 1 ] || major=${numbers#* }
    echo "${major:-0}"
}

# What the test bed runs: JAVA_HOME if it holds a java, else the path.
java_program() {
    if [ -n "${JAVA_HOME:-}" ] && [ -x "$JAVA_HOME/bin/java" ]; then
        echo "$JAVA_HOME/bin/java"
    else
        command -v java
    fi
}

there() {
    case $1 in
    rust) have cargo && have rustc ;;
    cc) have cc ;;
    cxx) have c++ ;;
    java) java=$(java_program) && [ "$(java_major "$java")" -ge 17 ] ;;
    maven) have mvn ;;
    # OpenSSL is built along, and small systems bring a perl without the modules that its build takes from perl's own library.
    perl) have perl && perl -MFindBin -MIPC::Cmd -MFile::Compare -MFile::Copy -MPOSIX -e 1 2>/dev/null ;;
    *) have "$1" ;;
    esac
}

title() {
    case $1 in
    rust) echo 'Rust (cargo and rustc)' ;;
    cc) echo 'a C compiler (cc)' ;;
    cxx) echo 'a C++ compiler (c++)' ;;
    java) echo 'Java 17 or newer (java)' ;;
    maven) echo 'Maven (mvn)' ;;
    perl) echo 'perl with its own modules (perl)' ;;
    *) echo "$1" ;;
    esac
}

missing() {
    for thing in $needed; do
        there "$thing" || echo "$thing"
    done
}

find_manager() {
    for found in apt-get dnf pacman brew; do
        if have "$found"; then
            echo "$found"
            return
        fi
    done
    echo none
}

# What goes before an installing command: nothing for root and Homebrew, sudo where it asks for no password, `no` if neither.
find_privilege() {
    if [ "$manager" = brew ] || [ "$(id -u)" -eq 0 ]; then
        echo env
    elif have sudo && sudo -n true 2>/dev/null; then
        echo 'sudo -n env'
    else
        echo no
    fi
}

# The packages that would do, best first.
packages() {
    case $manager:$1 in
    *:rust) echo rustup ;;
    apt-get:cxx) echo g++ ;;
    apt-get:java) echo openjdk-17-jdk-headless openjdk-21-jdk-headless openjdk-25-jdk-headless ;;
    dnf:cxx) echo gcc-c++ ;;
    dnf:java) echo java-17-openjdk-devel java-21-openjdk-devel java-latest-openjdk-devel ;;
    pacman:java) echo jdk17-openjdk ;;
    brew:java) echo openjdk@17 ;;
    *:cc | *:cxx) echo gcc ;;
    *) echo "$1" ;;
    esac
}

known() {
    case $manager in
    apt-get) apt-cache show "$1" ;;
    dnf) dnf -q info "$1" ;;
    pacman) pacman -Si "$1" ;;
    brew) brew info "$1" ;;
    esac >/dev/null 2>&1
}

install_line() {
    case $manager in
    apt-get) echo "apt-get install -y --no-install-recommends $1" ;;
    dnf) echo "dnf install -y $1" ;;
    pacman) echo "pacman -S --noconfirm $1" ;;
    brew) echo "brew install $1" ;;
    esac
}

# The first package that the manager knows, or the first of all where it knows none.
best_package() {
    for package in $(packages "$1"); do
        if known "$package"; then
            echo "$package"
            return
        fi
    done
    best=$(packages "$1")
    echo "${best%% *}"
}

install() {
    line=$(install_line "$(best_package "$1")")
    echo "deps: installing $(title "$1"): $line"
    # Word splitting is wanted: both are a command and its arguments.
    # shellcheck disable=SC2086
    $privilege DEBIAN_FRONTEND=noninteractive $line </dev/null
}

RUSTUP="curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh -s -- -y --default-toolchain none"

advise() {
    case $manager:$1 in
    *:rust) echo "$RUSTUP" ;;
    none:*) echo 'by the means of this system; neither apt-get, dnf, pacman nor brew was found' ;;
    brew:java) echo 'brew install openjdk@17 && export JAVA_HOME="$(brew --prefix openjdk@17)"' ;;
    *)
        line=$(install_line "$(best_package "$1")")
        if [ "$manager" = brew ] || [ "$(id -u)" -eq 0 ]; then echo "$line"; else echo "sudo $line"; fi
        ;;
    esac
}

needed='rust cc cxx make perl'
[ "${1:-}" = --build ] || needed="$needed java maven"
manager=$(find_manager)
wanted=$(missing)
if [ -n "$wanted" ] && [ "${1:-}" != --look ] && [ "$manager" != none ]; then
    privilege=$(find_privilege)
    if [ "$privilege" != no ]; then
        if [ "$manager" = apt-get ]; then
            echo 'deps: apt-get update'
            # shellcheck disable=SC2086
            $privilege apt-get update -q </dev/null || echo 'deps: apt-get update failed; going on with what is known'
        fi
        for thing in $wanted; do
            install "$thing" || echo "deps: $manager could not install $(title "$thing")"
        done
        hash -r
        wanted=$(missing)
    fi
fi
if [ -n "$wanted" ]; then
    for thing in $wanted; do
        echo "deps: missing: $(title "$thing"). Install it: $(advise "$thing")" >&2
    done
    if [ "${1:-}" != --build ] && java=$(java_program) && ! there java; then
        echo "deps: $java is older than Java 17; set JAVA_HOME if a newer one is there" >&2
    fi
    exit 1
fi

# rust-toolchain.toml pins the version, and rustup fetches it on first use. Without rustup, what is there must be new enough.
pinned=$(sed -n 's/^channel = "\(.*\)"/\1/p' rust-toolchain.toml)
oldest=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml)
if have rustup && ! rustc --version >/dev/null 2>&1; then
    echo "deps: installing Rust $pinned: rustup toolchain install $pinned"
    rustup toolchain install "$pinned" --profile minimal --component rustfmt,clippy </dev/null
fi
rust=$(rustc --version 2>/dev/null | cut -d ' ' -f 2)
if [ -z "$rust" ]; then
    echo "deps: rustc does not run. Install it: rustup toolchain install $pinned --component rustfmt,clippy" >&2
    exit 1
fi
if [ "$(printf '%s\n%s\n' "$oldest" "$rust" | sort -t . -k 1,1n -k 2,2n | head -n 1)" != "$oldest" ]; then
    echo "deps: Rust $rust is older than $oldest. Install rustup: $RUSTUP" >&2
    exit 1
fi
java=
[ "${1:-}" = --build ] || java=", Java $(java_major "$(java_program)")"
echo "deps: all there (Rust $rust$java)"
