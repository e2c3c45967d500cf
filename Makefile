# SPDX-License-Identifier: GPL-2.0-only
# The front door of klab: "make run", "make test"; "make help" lists the rest.

ARCH	?= um
CPUS	?= 4
export CPUS LINUX ROOM ONLY SOAK

MAKEFLAGS += --no-print-directory
# What the scripts tell each other, and others may mean something else by.
S := env -u OUT -u SRC -u KLAB -u GUEST scripts

kernel-um	:= uml
kernel-x86_64	:= x86_64
kernel		= $(or $(kernel-$(ARCH)),$(error ARCH=$(ARCH): klab runs on um and x86_64))

.PHONY: help run demo test test-smp test-debug test-rt test-kcsan test-bisect \
	test-bare soak bench build-arm64 build-riscv coverage tree refresh menuconfig \
	deb setup clean distclean

help: ## this list
	@sed -n 's/^\([a-z0-9-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 22
	@echo
	@echo "  ARCH=x86_64   run and demo under QEMU, with CPUS=n processors (default 4)"
	@echo "  LINUX=path    a kernel tree of one's own, used from a copy"
	@echo "  ONLY=glob     of the suites and selftests, only these"

run: ## boot a kernel with klab and give a shell (without a terminal: the tour)
	@$S/run.sh $(kernel) auto

demo: ## the tour: load all, run every experiment, unload
	@$S/run.sh $(kernel) tour

test: ## series, static checks, KUnit and selftests on UML
	@$S/test.sh test

test-smp: ## KUnit and selftests under QEMU with CPUS processors
	@$S/test.sh smp

test-debug: ## the same on debug kernels: KASAN, lockdep, kmemleak and more
	@$S/test.sh debug

test-rt: ## the same on PREEMPT_RT, under QEMU
	@$S/test.sh rt

test-kcsan: ## the same on a kernel that looks for data races, under QEMU
	@$S/test.sh kcsan

test-bisect: ## every prefix of the series builds, and changes only what it says
	@$S/bisect.sh

test-bare: ## in a fresh Debian: clone, make run, make test (needs root)
	@$S/test-bare.sh

soak: ## hotplug, loading and storms for SOAK seconds (default 600), under QEMU
	@$S/soak.sh

bench: ## what klab's parts cost beside their peers, in instructions (ROOM=name)
	@$S/bench.sh $(ROOM)

build-arm64: ## an arm64 kernel with all of klab, which is not run
	@$S/build-arch.sh arm64

build-riscv: ## the same for riscv
	@$S/build-arch.sh riscv

coverage: ## lines of the driver that the tests reach, by room
	@$S/coverage.sh

tree: ## lay the base and the series out in build/linux
	@$S/tree.sh

refresh: ## compose patches/ from the files
	@$S/refresh.sh

menuconfig: ## klab's menu, on the build's own configuration
	@$S/menuconfig.sh $(kernel)

deb: ## an installable kernel package (LINUX=path CONFIG=file)
	@$S/deb.sh "$(LINUX)" "$(CONFIG)"

setup: ## install the Debian packages that everything needs
	@$S/setup.sh all

clean: ## remove what was built
	@rm -rf build/guest build/results build/bisect build/deb build/linux/build-*

distclean: ## remove build/ altogether (the cache in ~/.cache/klab stays)
	@rm -rf --one-file-system build
