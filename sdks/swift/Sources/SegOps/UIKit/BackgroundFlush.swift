// Not compiled on Linux, where there is no UIKit.
#if canImport(UIKit) && !os(watchOS)
    import Foundation
    import UIKit

    extension SegOpsClient {
        /// iOS ends an app's work about 30 seconds after the app left the screen, and kills the app if it goes on.
        private static let backgroundLimit = Duration.seconds(25)

        /// Delivers what is queued each time the app goes to the background. Returns what ends that.
        func observeBackground() -> any NSObjectProtocol {
            NotificationCenter.default.addObserver(
                forName: UIApplication.didEnterBackgroundNotification, object: nil, queue: nil
            ) { [weak self] _ in
                guard let self else { return }
                // Unlike a background task of UIApplication, this is allowed in app extensions. It lasts as long as the closure runs.
                ProcessInfo.processInfo.performExpiringActivity(withReason: "segops.flush") { isExpired in
                    guard !isExpired else { return }
                    let done = DispatchSemaphore(value: 0)
                    Task.detached {
                        await self.flush(timeout: Self.backgroundLimit)
                        done.signal()
                    }
                    done.wait()
                }
            }
        }
    }
#endif
