# The machine image of an agent: Ubuntu, the tools that CI jobs expect, the Semaphore agent and toolbox, and the
# program that starts and retires it. One recipe for every release and architecture.

variable "image_name" {
  type        = string
  description = "Name of the AMI. semagent finds an image by this name, so it is computed from the recipe."
}

variable "os" {
  type        = string
  default     = "ubuntu-focal"
  description = "ubuntu-focal, ubuntu-jammy or ubuntu-noble."
}

variable "arch" {
  type        = string
  default     = "x86_64"
  description = "x86_64 or arm64."
}

variable "region" {
  type    = string
  default = "us-east-1"
}

variable "instance_type" {
  type        = string
  default     = ""
  description = "Of the machine that builds. Empty: a small one of the image's architecture."
}

variable "source_ami" {
  type        = string
  default     = ""
  description = "Empty: Canonical's newest image of the release."
}

variable "hold" {
  type        = string
  default     = ""
  description = "Packages that stay as the source image has them: patterns with spaces in between, such as linux-aws*."
}

variable "extra_script" {
  type        = string
  default     = ""
  description = "Path of a script of your own, run as root when everything else is installed."
}

variable "agent_version" {
  type    = string
  default = "v2.2.16"
}

variable "toolbox_version" {
  type    = string
  default = "v1.38.4"
}

locals {
  release = replace(var.os, "ubuntu-", "")
  builder = var.arch == "arm64" ? "t4g.small" : "t3.small"
  extra   = var.extra_script != "" ? var.extra_script : "${path.root}/scripts/80-extra.sh"
  # Canonical's account, as its documentation on finding images gives it.
  canonical = "099720109477"
}

source "amazon-ebs" "ubuntu" {
  ami_name = var.image_name

  # Only with packer build -force does an image of this name go, and then its snapshot with it.
  force_delete_snapshot = true

  region        = var.region
  instance_type = var.instance_type != "" ? var.instance_type : local.builder
  ssh_username  = "ubuntu"
  source_ami    = var.source_ami

  dynamic "source_ami_filter" {
    for_each = var.source_ami == "" ? [true] : []
    content {
      most_recent = true
      owners      = [local.canonical]
      filters = {
        name                = "ubuntu/images/hvm-ssd*/ubuntu-${local.release}-*-server-*"
        architecture        = var.arch
        root-device-type    = "ebs"
        virtualization-type = "hvm"
      }
    }
  }

  tags = {
    Name                       = var.image_name
    "semagent:managed"         = "true"
    "semagent:os"              = var.os
    "semagent:arch"            = var.arch
    "semagent:agent-version"   = var.agent_version
    "semagent:toolbox-version" = var.toolbox_version
  }
}

build {
  name    = "semagent"
  sources = ["source.amazon-ebs.ubuntu"]

  provisioner "shell" {
    inline = ["mkdir -p /tmp/semagent"]
  }

  provisioner "file" {
    source      = "${path.root}/files/"
    destination = "/tmp/semagent"
  }

  provisioner "file" {
    source      = "${path.root}/dist/node-${var.arch}.gz"
    destination = "/tmp/semagent/node.gz"
  }

  provisioner "shell" {
    execute_command = "sudo -E env {{ .Vars }} bash '{{ .Path }}'"
    environment_vars = [
      "DEBIAN_FRONTEND=noninteractive",
      "ARCH=${var.arch}",
      "AGENT_VERSION=${var.agent_version}",
      "TOOLBOX_VERSION=${var.toolbox_version}",
      "HOLD=${var.hold}",
    ]
    scripts = [
      "${path.root}/scripts/10-base.sh",
      "${path.root}/scripts/20-docker.sh",
      "${path.root}/scripts/30-awscli.sh",
      "${path.root}/scripts/40-agent.sh",
      local.extra,
      "${path.root}/scripts/90-clean.sh",
    ]
  }
}
