using Google.Apis.Auth.OAuth2;
using Grpc.Core;

namespace SegOps.PubSub.Connection;

/// <summary>Finds the credentials for the real service.</summary>
/// <exception cref="InvalidOperationException">There are none.</exception>
internal delegate GoogleCredential CredentialSource();

/// <summary>Application-default credentials, for the real service.</summary>
internal static class PubSubCredentials
{
    private const string Scope = "https://www.googleapis.com/auth/pubsub";

    /// <summary>Searches them in the order of Google's libraries: GOOGLE_APPLICATION_CREDENTIALS, gcloud's login, the metadata server.</summary>
    /// <exception cref="InvalidOperationException">There are none.</exception>
    public static GoogleCredential ApplicationDefault() => GoogleCredential.GetApplicationDefault().CreateScoped(Scope);

    /// <summary>TLS and an access token for every call.</summary>
    public static ChannelCredentials ForChannel(GoogleCredential credential) =>
        ChannelCredentials.Create(new SslCredentials(), CallCredentials.FromInterceptor(async (context, metadata) =>
        {
            var token = await ((ITokenAccessWithHeaders)credential).GetAccessTokenWithHeadersForRequestAsync(context.ServiceUrl, context.CancellationToken);
            metadata.Add("authorization", "Bearer " + token.AccessToken);
            foreach (var (name, values) in token.Headers)
                foreach (var value in values)
                    metadata.Add(name, value);
        }));
}
