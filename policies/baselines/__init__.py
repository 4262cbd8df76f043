"""Networks of the methods that DAML is compared with: heads that read the video."""
