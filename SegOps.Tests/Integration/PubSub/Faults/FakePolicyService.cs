using Grpc.Core;
using SegOps.PubSub.Protocol;

namespace SegOps.Tests.Integration.PubSub.Faults;

internal sealed class FakePolicyService(FakePubSub fake) : IAMPolicy.IAMPolicyBase
{
    public override Task<Policy> GetIamPolicy(GetIamPolicyRequest request, ServerCallContext context)
    {
        fake.PolicyHeaders.Enqueue(context.RequestHeaders);
        return fake.OnGetPolicy(request.Resource);
    }
}
