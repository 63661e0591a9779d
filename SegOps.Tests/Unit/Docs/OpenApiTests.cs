using System.Globalization;
using System.Reflection;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.OpenApi;
using Microsoft.OpenApi.Reader;
using SegOps.Contracts;
using SegOps.Gateway.Plans;
using SegOps.InternalApi;

namespace SegOps.Tests.Unit.Docs;

/// <summary>Holds the OpenAPI document against the contract.</summary>
public sealed class OpenApiTests
{
    /// <summary>Codes that no answer of the public API carries; they stand in the list of all codes only.</summary>
    private static readonly string[] NotPublic =
        [ErrorCodes.InternalOnly, ErrorCodes.InvalidAdminToken, ErrorCodes.ProjectNotFound, ErrorCodes.KeyNotFound];

    private static IEnumerable<(int Status, string Name, JsonNode Problem)> Problems =>
        from response in ApiDescription.Root["components"]!["responses"]!.AsObject()
        from used in ApiDescription.Operations.SelectMany(operation => operation.Responses)
        where used.Response == response.Value
        from example in response.Value!["content"]!["application/problem+json"]!["examples"]!.AsObject()
        select (used.Status, example.Key, example.Value!["value"]!);

    [Fact]
    public void Document_Read_IsValidOpenApi()
    {
        var read = OpenApiDocument.Parse(ApiDescription.Text, "json", new OpenApiReaderSettings { RuleSet = ValidationRuleSet.GetDefaultRuleSet() });

        Assert.Equal(OpenApiSpecVersion.OpenApi3_1, read.Diagnostic!.SpecificationVersion);
        Assert.Empty(read.Diagnostic.Errors.Concat(read.Diagnostic.Warnings).Select(fault => fault.ToString()));
    }

    [Fact]
    public void Document_EveryReference_LeadsSomewhere() => Assert.All(
        ApiDescription.Objects(ApiDescription.Root).Where(found => found["$ref"] is not null),
        found => Assert.NotNull(ApiDescription.Find((string)found["$ref"]!)));

    [Fact]
    public void Document_EveryComponent_IsUsed() => Assert.All(
        ApiDescription.Root["components"]!.AsObject().Where(kind => kind.Key != "securitySchemes")
            .SelectMany(kind => kind.Value!.AsObject().Select(component => $"\"#/components/{kind.Key}/{component.Key}\"")),
        reference => Assert.Contains(reference, ApiDescription.Text, StringComparison.Ordinal));

    [Fact]
    public void Document_ErrorCodes_AreThoseOfTheCatalogueWithTheirStatuses() => Assert.Equal(
        ErrorCatalog.Codes.Select(code => $"{code} {ErrorCatalog.StatusOf(code)}").Order(StringComparer.Ordinal),
        Described("ErrorCode").Select(code => $"{code.Key} {((string)code.Value!).Split(':')[0]}").Order(StringComparer.Ordinal));

    [Theory]
    [InlineData("ErrorCode", typeof(ErrorCodes))]
    [InlineData("EventErrorCode", typeof(EventErrorCodes))]
    [InlineData("WarningCode", typeof(WarningCodes))]
    public void Document_CodesOfAKind_AreThoseOfTheContract(string schema, Type contract)
    {
        var codes = contract.GetFields(BindingFlags.Public | BindingFlags.Static).Select(field => (string)field.GetRawConstantValue()!)
            .Order(StringComparer.Ordinal).ToArray();

        Assert.Equal(codes, ApiDescription.Schemas[schema]!["enum"]!.AsArray().Select(code => (string)code!).Order(StringComparer.Ordinal));
        Assert.Equal(codes, Described(schema).Select(code => code.Key).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Document_PublicErrorCodes_EachHaveAnExample() => Assert.Equal(
        ErrorCatalog.Codes.Except(NotPublic).Order(StringComparer.Ordinal), Problems.Select(problem => problem.Name).Distinct().Order(StringComparer.Ordinal));

    [Fact]
    public void Document_EveryProblemExample_IsWhatTheCatalogueSays() => Assert.All(Problems, problem =>
    {
        var code = (string)problem.Problem["code"]!;
        var status = (int)problem.Problem["status"]!;
        Assert.Equal(problem.Name, code);
        Assert.Equal(ErrorCatalog.TypeBase + code, (string)problem.Problem["type"]!);
        Assert.Equal(ErrorCatalog.TitleOf(code), (string)problem.Problem["title"]!);
        Assert.Contains(problem.Status, (int[])[0, status]);
        Assert.Contains(status, code == ErrorCodes.UpstreamUnavailable ? (int[])[502, 504] : [ErrorCatalog.StatusOf(code)]);
    });

    [Fact]
    public Task Document_EveryResponseExample_ConformsToItsSchema() => Assert.AllAsync(
        from operation in ApiDescription.Operations
        from response in operation.Responses
        from content in response.Response["content"]?.AsObject() ?? []
        from example in content.Value!["examples"]!.AsObject()
        select (Schema: content.Value["schema"]!, Example: example.Value!["value"]!),
        async pair => Assert.Empty(await ApiDescription.FaultsAsync(pair.Schema, pair.Example.ToJsonString())));

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task QuotaProblem_Written_ConformsToItsSchema(bool namesTheRequest)
    {
        using var body = new MemoryStream();
        var context = new DefaultHttpContext { TraceIdentifier = "0af7651916cd43dd8448eb211c80319c", Response = { Body = body } };

        await QuotaProblem.WriteAsync(context, remaining: 7, untilReset: TimeSpan.FromDays(1), isDaily: false, namesTheRequest ? Guid.NewGuid() : null);

        var written = System.Text.Encoding.UTF8.GetString(body.ToArray());
        Assert.Empty(await ApiDescription.FaultsAsync(new JsonObject { ["$ref"] = "#/components/schemas/QuotaProblem" }, written));
    }

    [Fact]
    public async Task Checker_AMemberThatIsNotDescribed_IsAFault()
    {
        var problem = """{"type":"https://segops.ai/errors/not_found","title":"t","status":404,"code":"not_found","traceId":"0af7651916cd43dd8448eb211c80319c"}""";
        var reference = new JsonObject { ["$ref"] = "#/components/schemas/Problem" };

        Assert.Empty(await ApiDescription.FaultsAsync(reference, problem));
        Assert.NotEmpty(await ApiDescription.FaultsAsync(reference, problem.Replace("}", ",\"more\":1}", StringComparison.Ordinal)));
        Assert.NotEmpty(await ApiDescription.FaultsAsync(reference, problem.Replace("not_found\",\"tr", "other\",\"tr", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("Event/properties/user_id/maxLength", EventLimits.MaxUserIdLength)]
    [InlineData("Event/properties/event_type/maxLength", EventLimits.MaxEventTypeLength)]
    [InlineData("Event/properties/payload/x-maxBytes", EventLimits.MaxPayloadBytes)]
    [InlineData("Event/properties/payload/x-maxDepth", EventLimits.MaxPayloadDepth)]
    [InlineData("Batch/properties/events/maxItems", EventLimits.MaxBatchEvents)]
    public void Document_LimitOfAnEvent_IsTheContracts(string place, int limit) =>
        Assert.Equal(limit, (int)place.Split('/').Aggregate<string, JsonNode?>(ApiDescription.Schemas, (node, name) => node?[name])!);

    [Theory]
    [InlineData("/api/ingestion/track/", EventLimits.MaxSingleBodyBytes)]
    [InlineData("/api/ingestion/track/batch/", EventLimits.MaxBatchBodyBytes)]
    public void Document_LimitOfABody_IsTheContracts(string path, int limit)
    {
        var body = ApiDescription.Of(path).Json["requestBody"]!;

        Assert.Equal(limit, (int)body["x-maxBytes"]!);
        Assert.Contains(limit.ToString("N0", CultureInfo.InvariantCulture), (string)body["description"]!, StringComparison.Ordinal);
    }

    [Fact]
    public void Document_TextsWithLimits_StateThoseOfTheContract()
    {
        var properties = ApiDescription.Schemas["Event"]!["properties"]!;
        var occurredAt = (string)properties["occurred_at"]!["description"]!;
        var payload = (string)properties["payload"]!["description"]!;

        Assert.Contains($"{EventLimits.MaxFuture.TotalHours} hours", occurredAt, StringComparison.Ordinal);
        Assert.Contains(EventLimits.Earliest.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), occurredAt, StringComparison.Ordinal);
        Assert.Contains($"{EventLimits.MaxPayloadBytes:N0} bytes", payload, StringComparison.Ordinal);
        Assert.Contains($"{EventLimits.MaxPayloadDepth} levels", payload, StringComparison.Ordinal);
    }

    [Fact]
    public void Document_TableOfPlans_HoldsTheDefaults()
    {
        var plans = new PlansOptions();
        var expected = PlanNames.All.Select(name =>
        {
            var plan = plans.Find(name)!;
            var calls = name == PlanNames.Enterprise ? "custom" : plan.CallsPerMinute.ToString("N0", CultureInfo.InvariantCulture);
            return $"| {char.ToUpperInvariant(name[0])}{name[1..]} | {plan.EventsPerMonth?.ToString("N0", CultureInfo.InvariantCulture) ?? "unlimited"} | {calls} |";
        });

        var table = ((string)ApiDescription.Root["info"]!["description"]!).Split('\n').Where(line => line.StartsWith("| ", StringComparison.Ordinal));

        Assert.Equal(expected, table.Skip(1)); // the first is the heading
    }

    private static JsonObject Described(string schema) => ApiDescription.Schemas[schema]!["x-enumDescriptions"]!.AsObject();
}
