// Publishing metadata of the Android part, `ai.segops:segops-android`. It was not run where the library was tested.
plugins {
    id("com.android.library") version "8.7.0"
    kotlin("android") version "2.4.20"
    `maven-publish`
}

group = "ai.segops"
version = "0.1.0"

android {
    namespace = "ai.segops.android"
    compileSdk = 35
    defaultConfig { minSdk = 26 }
    publishing { singleVariant("release") }
}

kotlin { explicitApi() }

dependencies { api(project(":")) }

publishing {
    publications {
        create<MavenPublication>("release") {
            artifactId = "segops-android"
            afterEvaluate { from(components["release"]) }
        }
    }
}
