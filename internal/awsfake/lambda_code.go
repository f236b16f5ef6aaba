package awsfake

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"debug/elf"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"io"

	"github.com/semagent/semagent/internal/awsfake/wire"
)

// codePackage is a function's deployment package, as it was in S3 when the function was made or updated.
type codePackage struct {
	bucket, key, digest string

	zip       []byte
	bootstrap bool   // there is one
	machine   string // the architecture that it is built for; empty for anything but an ELF executable
}

// load reads a deployment package from S3, in Lambda's words where it cannot.
func (l *lambdaService) load(code props) (codePackage, error) {
	if code.has("ZipFile") {
		return codePackage{}, wire.Errorf("InvalidParameterValueException", "ZipFile can only be used when Runtime is set to nodejs or python")
	}
	c := codePackage{bucket: code.str("S3Bucket"), key: code.str("S3Key")}
	b := l.s3.buckets[c.bucket]
	if b == nil {
		return c, noCode("NoSuchBucket", "The specified bucket does not exist")
	}
	o := b.current(c.key)
	if o == nil {
		return c, noCode("NoSuchKey", "The specified key does not exist.")
	}
	c.zip = o.body
	sum := sha256.Sum256(c.zip)
	c.digest = base64.StdEncoding.EncodeToString(sum[:])
	archive, err := zip.NewReader(bytes.NewReader(c.zip), int64(len(c.zip)))
	if err != nil {
		return c, wire.Errorf("InvalidParameterValueException", "Could not unzip uploaded file. Please check your file, then try to upload again.")
	}
	return c, c.inspect(archive)
}

func noCode(code, message string) error {
	return wire.Errorf("InvalidParameterValueException", "Error occurred while GetObject. S3 Error Code: %s. S3 Error Message: %s", code, message)
}

func (c *codePackage) inspect(archive *zip.Reader) error {
	for _, f := range archive.File {
		if f.Name != "bootstrap" {
			continue
		}
		r, err := f.Open()
		if err != nil {
			return err
		}
		header := make([]byte, elfHeader)
		if _, err := io.ReadFull(r, header); err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
			return wire.Errorf("InvalidParameterValueException", "Could not unzip uploaded file. Please check your file, then try to upload again.")
		}
		c.bootstrap, c.machine = true, machineOf(header)
	}
	return nil
}

// elfHeader is as much of an executable as says for which machine it is. All of it, unpacked for each function, would be
// most of what tests do.
const elfHeader = 20

func machineOf(header []byte) string {
	if !bytes.HasPrefix(header, []byte(elf.ELFMAG)) {
		return ""
	}
	order := binary.ByteOrder(binary.LittleEndian)
	if elf.Data(header[elf.EI_DATA]) == elf.ELFDATA2MSB {
		order = binary.BigEndian
	}
	switch machine := elf.Machine(order.Uint16(header[18:])); machine {
	case elf.EM_AARCH64:
		return "arm64"
	case elf.EM_X86_64:
		return "x86_64"
	default:
		return machine.String()
	}
}

// startable is why Lambda could not start the package on an architecture, or empty.
func (c *codePackage) startable(architecture string) string {
	switch {
	case !c.bootstrap:
		return "Couldn't find valid bootstrap(s): [/var/task/bootstrap /opt/bootstrap]"
	case c.machine != "" && c.machine != architecture:
		return "fork/exec /var/task/bootstrap: exec format error"
	}
	return ""
}
