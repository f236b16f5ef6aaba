# Every target works from a clean clone. `make build`, `make demo` and `make local-aws` need Go and make;
# `make test` needs a C compiler too, for the race detector; the others say what they miss.

VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
GOFLAGS_BUILD := -trimpath -buildvcs=false -ldflags "-s -w -X main.version=$(VERSION)"
GOLANGCI_LINT ?= golangci-lint
GOLDEN := internal/template/testdata/golden
PORT ?= 5050

SCALER_ZIP := internal/asset/dist/scaler.zip
SCALER_SOURCES := $(shell find internal/scaler internal/semaphore internal/asset/build -name '*.go' -not -name '*_test.go') go.mod go.sum
SOURCES := $(shell find cmd internal packer -type f -not -name '*_test.go' -not -path '*/testdata/*' -not -path '*/dist/*')

.PHONY: all build test demo e2e lint generate check-generated local-aws bench fuzz clean

all: build

build: bin/semagent ## the binary, with the scaler's function embedded

bin/semagent: $(SCALER_ZIP) $(SOURCES) go.mod go.sum
	CGO_ENABLED=0 go build $(GOFLAGS_BUILD) -o $@ ./cmd/semagent

$(SCALER_ZIP): $(SCALER_SOURCES)
	go run -buildvcs=false ./internal/asset/build

test: $(SCALER_ZIP) ## all tests, race detector on
	go test -race -timeout 15m ./...

demo: build ## the main job against an embedded local AWS: no account, no network
	CGO_ENABLED=0 go build $(GOFLAGS_BUILD) -o bin/demo ./internal/demo
	CGO_ENABLED=0 go build -trimpath -buildvcs=false -tags lambda.norpc -o bin/scaler-host ./internal/scaler/lambda
	bin/demo -semagent bin/semagent -function bin/scaler-host

e2e: build ## the built binary against moto_server, and cfn-lint on every golden template
	./e2e/run

lint: check-generated
	$(GOLANGCI_LINT) run ./...
	$(GOLANGCI_LINT) fmt --diff ./...
	shellcheck .ci/run $$(git ls-files '*.sh' e2e/run)

generate: ## the documents that come from the code
	go run -buildvcs=false ./internal/docgen

check-generated:
	go run -buildvcs=false ./internal/docgen -check
	go mod tidy -diff

local-aws: ## serves the local AWS on 127.0.0.1:$(PORT) until interrupted
	go run -buildvcs=false ./internal/awsfake/cmd/local-aws -port $(PORT)

bench: build
	go test -run '^$$' -bench . -benchmem ./internal/template ./internal/scaler
	go run -buildvcs=false ./bench/overhead -semagent bin/semagent

clean:
	rm -rf bin $(SCALER_ZIP)

PACKER_OS ?= ubuntu-focal
PACKER_ARCH ?= x86_64
PACKER_REGION ?= $(or $(AWS_REGION),us-east-1)

.PHONY: packer.validate packer.build

packer.validate: ## needs packer; plugins.pkr.hcl is left out, for packer before 1.7
	dir=$$(mktemp -d) && trap 'rm -rf "$$dir"' EXIT && \
	cp -r packer/ubuntu.pkr.hcl packer/scripts packer/files "$$dir" && \
	packer fmt -check packer && \
	packer validate -var image_name=semagent-validate -var os=$(PACKER_OS) -var arch=$(PACKER_ARCH) "$$dir"

packer.build: ## needs packer 1.7 or newer and AWS credentials
	packer init packer
	packer build -var image_name=$$(go run -buildvcs=false ./packer/imagename -os $(PACKER_OS) -arch $(PACKER_ARCH)) \
		-var os=$(PACKER_OS) -var arch=$(PACKER_ARCH) -var region=$(PACKER_REGION) packer
