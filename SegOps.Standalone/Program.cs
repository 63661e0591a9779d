using SegOps.Standalone.Parts;

if (args is [EmbeddedGarnet.Verb, .. var garnet])
    return await EmbeddedGarnet.RunAsync(garnet);

Console.WriteLine("not yet");
return 0;
