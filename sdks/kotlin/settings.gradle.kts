rootProject.name = "segops"
include(":android")
