# Each target works as the first command on a fresh Debian or Ubuntu with Swift.
.PHONY: run test check format bench peers install uninstall dist check-dist deps

SWIFT_SOURCES = Package.swift Sources Tests Benchmarks/Package.swift Benchmarks/Sources

# Where metatop is installed; DESTDIR is put in front of it while files are copied.
PREFIX ?= /usr/local
DESTDIR ?=
# A build of its own, with Swift's runtime linked in: it needs no Swift where it runs.
LINKED = swift build -c release --product metatop --scratch-path .build/dist --static-swift-stdlib

# For example: make run ARGS="--methods maml,cml --shot 5"
run: deps
	swift build -c release --product metatop $$(.ci/linker-flags)
	@exec .build/release/metatop $(ARGS)

test: deps
	swift test

# Format, walls (transitively by the compiler, exactly by the test), budgets.
check: deps
	swift format lint --strict --recursive --parallel $(SWIFT_SOURCES)
	swift build --build-tests --explicit-target-dependency-import-check error
	swift test --filter ArchitectureTests --explicit-target-dependency-import-check error

format:
	swift format --in-place --recursive --parallel $(SWIFT_SOURCES)

bench: deps
	swift run --package-path Benchmarks -c release benchmark $(ARGS)

# PyTorch and JAX on the same workloads, in a virtual environment outside the project.
peers:
	Benchmarks/peers/run.sh

# Program, themes, data manifests, manual pages and completions. Where there is no Swift, as under sudo,
# it takes what an earlier make install or make dist built.
install:
	@if command -v swift >/dev/null; then .ci/install-dependencies && $(LINKED) $$(.ci/linker-flags); fi
	@DESTDIR="$(DESTDIR)" PREFIX="$(PREFIX)" .ci/install

uninstall:
	@DESTDIR="$(DESTDIR)" PREFIX="$(PREFIX)" .ci/uninstall

# A tar.gz and a Debian package in .build/packages.
dist: deps
	$(LINKED) $$(.ci/linker-flags)
	.ci/dist

# Installs the package in a bare Debian and trains there; takes minutes, and root.
check-dist:
	.ci/check-dist

deps:
	@.ci/install-dependencies
