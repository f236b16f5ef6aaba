# In a file of its own: packer before 1.7 does not know the block and needs no plugin.
packer {
  required_plugins {
    amazon = {
      source  = "github.com/hashicorp/amazon"
      version = ">= 1.3.9"
    }
  }
}
