using System.Globalization;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;
using SegOps.Contracts;
using SegOps.Gateway.Plans;
using SegOps.ServiceDefaults.Configuration;

namespace SegOps.Gateway.Admin;

/// <summary>The API that manages projects and keys. It is mapped only if <c>Admin:Token</c> is set.</summary>
internal static partial class AdminEndpoints
{
    private const string Root = "/api/admin";
    private const int LongestOverlap = 30 * 86_400;

    /// <summary>Adds the API's services, its authentication scheme and its authorization policy.</summary>
    internal static WebApplicationBuilder AddAdmin(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddValidatedOptions<AdminOptions>(AdminOptions.Section);
        services.AddSingleton<AdminLimiter>().AddSingleton<ProjectRegistry>().AddSingleton<KeyRegistry>();
        // The base class logs every 401 at Information.
        builder.Logging.AddFilter(typeof(AdminHandler).FullName, LogLevel.Warning);
        services.AddAuthentication().AddScheme<AuthenticationSchemeOptions, AdminHandler>(AdminHandler.Scheme, null);
        services.AddAuthorizationBuilder().AddPolicy(
            AdminHandler.Policy, static policy => policy.AddAuthenticationSchemes(AdminHandler.Scheme).RequireAuthenticatedUser());
        return builder;
    }

    /// <summary>Maps the admin API.</summary>
    internal static WebApplication MapAdmin(this WebApplication app)
    {
        if (string.IsNullOrEmpty(app.Services.GetRequiredService<IOptions<AdminOptions>>().Value.Token))
            return app;

        var logger = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(AdminEndpoints).FullName!);
        var api = app.MapGroup(Root).RequireAuthorization(AdminHandler.Policy);
        api.AddEndpointFilter(AdminFault.AnswerAsync);
        MapProjects(api.MapGroup("projects"), app.Services.GetRequiredService<ProjectRegistry>(), logger);
        MapKeys(api.MapGroup("projects/{project}/keys"), app.Services.GetRequiredService<KeyRegistry>(), logger);
        return app;
    }

    private static void MapProjects(RouteGroupBuilder group, ProjectRegistry projects, ILogger logger)
    {
        group.MapPost("", async context =>
        {
            var body = await AdminBody.ReadAsync(context);
            var (name, plan, calls, events) = ReadProject(body, null);
            var project = await projects.CreateAsync(name!, plan, calls, events);
            LogChange(logger, "project created", project.Id, "");
            await WriteAsync(context, project, AdminJson.Default.ProjectAnswer, 201);
        });
        group.MapGet("", async context =>
        {
            var (cursor, limit) = (Query(context, "cursor", 0, 0, int.MaxValue), Query(context, "limit", 50, 1, 100));
            await WriteAsync(context, await projects.ListAsync(cursor, (int)limit), AdminJson.Default.ProjectsAnswer);
        });
        group.MapGet("{project}", async context =>
            await WriteAsync(context, await projects.GetAsync(Route(context, "project")), AdminJson.Default.ProjectAnswer));
        group.MapPatch("{project}", async context =>
        {
            var body = await AdminBody.ReadAsync(context);
            var before = await projects.GetAsync(Route(context, "project"));
            var (name, plan, calls, events) = ReadProject(body, before);
            var project = await projects.UpdateAsync(before.Id, name, plan, calls, events);
            LogChange(logger, "project updated", project.Id, "");
            await WriteAsync(context, project, AdminJson.Default.ProjectAnswer);
        });
    }

    private static void MapKeys(RouteGroupBuilder group, KeyRegistry keys, ILogger logger)
    {
        group.MapPost("", async context =>
        {
            var body = await AdminBody.ReadAsync(context);
            body.Require(body.Has("environment"), "environment is required.");
            var (environment, name) = (body.TakeChoice("environment", [Contracts.Environments.Live, Contracts.Environments.Test]), body.TakeText("name"));
            var kind = KeyRegistry.KindOf(body.TakeChoice(ApiKeyFields.Kind, [KeyRegistry.Secret, ApiKeyFields.Publishable]));
            var restrictions = KeyRestrictions.Read(body, kind);
            body.End();
            var key = await keys.CreateAsync(Route(context, "project"), kind, environment!, name, restrictions);
            LogChange(logger, "key created", Route(context, "project"), key.Id);
            await WriteAsync(context, key, AdminJson.Default.KeyAnswer, 201);
        });
        group.MapGet("", async context =>
            await WriteAsync(context, await keys.ListAsync(Route(context, "project")), AdminJson.Default.KeysAnswer));
        group.MapPatch("{key}", async context =>
        {
            var body = await AdminBody.ReadAsync(context);
            var key = await keys.UpdateAsync(Route(context, "project"), Route(context, "key"), body);
            LogChange(logger, "key updated", Route(context, "project"), key.Id);
            await WriteAsync(context, key, AdminJson.Default.KeyAnswer);
        });
        group.MapPost("{key}/rotate", async context =>
        {
            var body = await AdminBody.ReadAsync(context);
            var overlap = TimeSpan.FromSeconds(body.TakeNumber("overlap_seconds", 0, LongestOverlap) ?? 86_400);
            body.End();
            var key = await keys.RotateAsync(Route(context, "project"), Route(context, "key"), overlap);
            LogChange(logger, "key rotated", Route(context, "project"), key.Id);
            await WriteAsync(context, key, AdminJson.Default.KeyAnswer, 201);
        });
        group.MapDelete("{key}", async context =>
        {
            await keys.RevokeAsync(Route(context, "project"), Route(context, "key"));
            LogChange(logger, "key revoked", Route(context, "project"), Route(context, "key"));
            context.Response.StatusCode = StatusCodes.Status204NoContent;
        });
    }

    private static (string? Name, string Plan, long? Calls, long? Events) ReadProject(AdminBody body, ProjectAnswer? before)
    {
        var keepsCalls = !body.Has(ProjectFields.CallsPerMinute);
        var keepsEvents = !body.Has(ProjectFields.EventsPerMonth);
        var name = body.TakeText(ProjectFields.Name) ?? before?.Name;
        var plan = body.TakeChoice(ProjectFields.Plan, PlanNames.All) ?? before?.Plan ?? PlanNames.Free;
        var calls = body.TakeNumber(ProjectFields.CallsPerMinute, 1, PlanOptions.MostCallsPerMinute);
        var events = body.TakeNumber(ProjectFields.EventsPerMonth, 1, 1_000_000_000_000);
        body.Require(name is not null, "name is required.");
        var enterprise = plan == PlanNames.Enterprise;
        body.Require(enterprise || calls is null, "calls_per_minute is for the plan enterprise only.");
        body.Require(enterprise || events is null, "events_per_month is for the plan enterprise only.");
        body.End();
        return (name, plan, keepsCalls && enterprise ? before?.CallsPerMinute : calls, keepsEvents && enterprise ? before?.EventsPerMonth : events);
    }

    private static string Route(HttpContext context, string name) => (string)context.Request.RouteValues[name]!;

    private static long Query(HttpContext context, string name, long absent, long min, long max)
    {
        var text = context.Request.Query[name].ToString();
        if (text.Length == 0)
            return absent;
        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value >= min && value <= max
            ? value
            : throw new AdminFault(ErrorCodes.InvalidParameter, $"{name} must be a whole number from {min} to {max}.");
    }

    private static Task WriteAsync<T>(HttpContext context, T answer, JsonTypeInfo<T> json, int status = 200)
    {
        context.Response.StatusCode = status;
        return context.Response.WriteAsJsonAsync(answer, json, cancellationToken: context.RequestAborted);
    }

    [LoggerMessage(LogLevel.Information, "Admin: {Change}, {Project} {Key}.")]
    private static partial void LogChange(ILogger logger, string change, string project, string key);
}
