# Each target works as the first command on a fresh Debian or Ubuntu with Swift.
.PHONY: run test check format bench peers deps

SWIFT_SOURCES = Package.swift Sources Tests Benchmarks/Package.swift Benchmarks/Sources

# For example: make run ARGS="--methods maml,cml --shot 5"
run: deps
	swift build -c release --product metatop
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

deps:
	@.ci/install-dependencies
