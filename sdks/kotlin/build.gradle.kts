// Publishing metadata for Maven Central. ci.sh builds without Gradle, so this file was not run where the library was tested.
plugins {
    kotlin("jvm") version "2.4.20"
    `java-library`
    `maven-publish`
    signing
}

group = "ai.segops"
version = "0.1.0"

repositories { mavenCentral() }

dependencies {
    implementation("org.jetbrains.kotlinx:kotlinx-coroutines-core:1.8.0")
    testImplementation(kotlin("test-junit5"))
    testImplementation("org.junit.jupiter:junit-jupiter:5.9.2")
}

kotlin {
    explicitApi()
    compilerOptions {
        allWarningsAsErrors = true
        freeCompilerArgs.add("-Xjdk-release=8")
    }
}

java {
    withSourcesJar()
    withJavadocJar()
}

// The tests cover the Android part too, against stubs of Android's classes.
sourceSets.test { kotlin.srcDirs("android/src/main/kotlin", "android/stubs") }

tasks.test { useJUnitPlatform() }

publishing {
    publications {
        create<MavenPublication>("maven") {
            from(components["java"])
            artifactId = "segops"
            pom {
                name = "SegOps for Kotlin and Java"
                description = "Sends events to SegOps in batches, and says what became of each."
                url = "https://segops.ai"
                licenses {
                    license {
                        name = "MIT"
                        url = "https://opensource.org/license/mit"
                    }
                }
                developers { developer { name = "SegOps" } }
                scm { url = "https://github.com/segops/segops-kotlin" }
            }
        }
    }
}

signing { sign(publishing.publications) }
