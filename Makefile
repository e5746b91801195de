# `make demo` and `make test` are all that a fresh Debian 12 machine with Rust needs.

.PHONY: engine-23 test-23 demo talk gallery pictures book test test-all truth crates bless bench setup build install dist fixtures survey suite fuzz robust gpt translate

setup:
	@scripts/setup.sh

# LLVM is linked into the engine, which then starts in half of the time.
build:
	@scripts/setup.sh build
	cargo build --release --locked --no-default-features --features engine

# The engine for IR of LLVM 23, beside the usual one: `scripts/engine-23/make.sh` says what it fetches.
engine-23:
	@scripts/setup.sh
	scripts/engine-23/make.sh

# `make install PREFIX=~/.local`: the programs, manual pages, and completions. BINARIES names another folder that
# holds the programs, which are then not built.
PREFIX ?= /usr/local
BINARIES ?= target/release
install: $(if $(filter target/release,$(BINARIES)),build)
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/share/man/man1 \
		$(DESTDIR)$(PREFIX)/share/bash-completion/completions $(DESTDIR)$(PREFIX)/share/zsh/site-functions \
		$(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d \
		$(DESTDIR)$(PREFIX)/share/fish/vendor_conf.d
	# What cargo irad toolchain links a nightly's Enzyme from.
	install -d $(DESTDIR)$(PREFIX)/lib/irad
	install -m 644 "$$($(BINARIES)/irad-engine-22 --enzyme)"/libEnzymeStatic-22.a $(DESTDIR)$(PREFIX)/lib/irad
	install $(BINARIES)/irad $(BINARIES)/cargo-irad $(wildcard $(BINARIES)/irad-engine-??) $(DESTDIR)$(PREFIX)/bin
	$(BINARIES)/irad man $(DESTDIR)$(PREFIX)/share/man/man1
	$(BINARIES)/irad completions bash > $(DESTDIR)$(PREFIX)/share/bash-completion/completions/irad
	(echo '#compdef irad'; $(BINARIES)/irad completions zsh; echo '_clap_dynamic_completer_irad') \
		> $(DESTDIR)$(PREFIX)/share/zsh/site-functions/_irad
	(echo '#autoload'; $(BINARIES)/irad completions zsh; echo '_cargo-irad') \
		> $(DESTDIR)$(PREFIX)/share/zsh/site-functions/_cargo-irad
	# Where cargo has no completion of its own, which calls the one above.
	(echo '#compdef cargo'; $(BINARIES)/irad completions zsh; echo '_irad_cargo "$$@"') \
		> $(DESTDIR)$(PREFIX)/share/zsh/site-functions/_irad_cargo
	$(BINARIES)/irad completions fish > $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/irad.fish
	$(BINARIES)/irad completions fish | grep -e '--command cargo' > $(DESTDIR)$(PREFIX)/share/fish/vendor_conf.d/irad.fish

# One archive of irad, cargo-irad and an engine with LLVM inside, for x86-64 Linux with glibc 2.31 or later. It is linked
# against the C library of Debian 11, which debootstrap brings (as root), or DIST_SYSROOT names.
dist:
	@scripts/setup.sh build
	scripts/dist/make.sh

# The README's example: a function and its derivative.
demo: build
	target/release/irad diff fixtures/model.ll --fn loss --mode reverse --pager never

# The talk that shows what irad is for: it runs from saved runs and needs no engine. Its notes stand on a second
# terminal: `target/release/irad explore --notes talk/TALK.toml`. talk/record.sh records the runs again.
talk:
	cargo build --release --locked -p irad --bin irad --no-default-features
	target/release/irad explore --present talk/TALK.toml

# A dozen pages of irad report, with an index: target/gallery/index.html.
gallery: build
	IRAD=target/release/irad scripts/gallery.sh

# The picture that the README opens with, for light and for dark. A test says when it is out of date.
pictures: build
	IRAD=target/release/irad scripts/pictures.sh

# The book of docs/learn as a site: target/book/index.html. `make test` runs its commands and does not need mdBook.
book:
	@scripts/setup.sh book
	target/mdbook/bin/mdbook build docs/learn
	@echo target/book/index.html

# What is exhaustive takes a sample; `make test-all` takes all of it.
# Tests run side by side: the check beside a view must not run out of time for that.
test bless: export IRAD_CHECK_LIMIT = 60

test: setup
	@scripts/setup.sh test
	cargo run -q --locked -p xtask -- --workspace --locked
	scripts/crates.sh optimisers collections
	IRAD=target/debug/irad examples/gpt/derive.sh
	cargo test --locked --manifest-path examples/gpt/Cargo.toml
	CI=1 target/debug/irad snap check

# The table of checks with LLVM 23, which this builds an engine for, and what differs from LLVM 22.
test-23: export IRAD_CHECK_LIMIT = 60
test-23: setup
	PROFILE=dev scripts/engine-23/make.sh
	cargo test --workspace --locked --test engines
	IRAD_TEST_ENGINE=$(CURDIR)/target/debug/irad-engine-23 cargo test --workspace --locked --test numeric_truth
	scripts/engine-23/compare.py

test-all: export IRAD_TESTS = all
test-all: test

# Random functions, and their derivatives beside an exact reference: `make truth N=10000 SEED=2`. A run that was
# stopped goes on where it was. TRUTH='--float f32 --opt-level 1' says more; see `truth run --help`. LLVM=23 measures
# the other engine.
N ?= 200
SEED ?= 1
LLVM ?= 22
truth: setup
	cargo build --locked
	@[ $(LLVM) = 22 ] || PROFILE=dev scripts/engine-$(LLVM)/make.sh
	IRAD_ENGINE=$(CURDIR)/target/debug/irad-engine-$(LLVM) target/debug/truth run -n $(N) --seed $(SEED) --folder target/truth-$(LLVM) $(TRUTH)

# Functions over libraries that people use, in both modes. What was measured is kept in target/crates; a first run takes
# an hour. CRATES chooses packages or functions: `make crates CRATES='statistics energy'`.
crates: build
	IRAD=target/release/irad scripts/crates.sh $(CRATES)

# Accepts what the goldens say now; read the difference before committing it.
bless: setup
	@scripts/setup.sh test
	INSTA_UPDATE=always cargo run -q --locked -p xtask -- --workspace --locked

fixtures:
	scripts/fixtures.sh

# A language model trained by the gradient that irad makes of it, beside the one that was written by
# hand; a couple of minutes on two cores. `make gpt GPT='--size medium --model translated'`. With
# GPT='--gradient nightly' there is a third one, by the compiler itself: it is slow, and `--steps 500` will do.
gpt: build
	examples/gpt/derive.sh
	$(if $(findstring nightly,$(GPT)),examples/gpt/nightly.sh)
	cargo build --release --locked --manifest-path examples/gpt/Cargo.toml
	examples/gpt/target/release/gpt check $(GPT)
	$(if $(findstring nightly,$(GPT)),examples/gpt/target/release/gpt bench $(GPT))
	examples/gpt/target/release/gpt train $(GPT)

# Has c2rust translate the language model's C program, and shows that src/translated.rs is what it prints, but for the
# marked lines. Installs c2rust and the LLVM that it needs; the first time takes minutes.
translate:
	@scripts/setup.sh translate
	examples/gpt/translate.sh

bench: build
	@scripts/setup.sh bench
	scripts/bench.sh

# Every function of a fat-LTO build of real crates; takes a good part of an hour.
survey: build
	CARGO_TARGET_DIR=target/bench/big cargo rustc --release --locked --manifest-path scripts/big/Cargo.toml -- --emit=llvm-ir
	IRAD_SURVEY_FILE="$$(ls -t target/bench/big/release/deps/big*.ll | head -n 1)" \
		cargo test --release --locked -p irad --test golden survey::a_whole_crate -- --ignored --nocapture

# Enzyme's own tests, with `opt` and with `irad opt`.
suite: build
	@scripts/setup.sh bench
	scripts/enzyme-suite.py target/release/irad "$$(scripts/plugin.sh)"

# Every reader of bytes, SECONDS each, with the address sanitizer. Needs a C++ compiler, and says so.
SECONDS ?= 60
fuzz:
	@scripts/fuzz.sh $(SECONDS)

# What `make test` takes a sample of: every damaged form of every fixture. Takes an hour and more.
robust: setup
	IRAD_ROBUST=all cargo test --release --locked -p irad --test robust -- --nocapture
