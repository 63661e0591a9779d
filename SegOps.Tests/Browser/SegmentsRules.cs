using System.Text;
using CsCheck;

namespace SegOps.Tests.Browser;

/// <summary>Rules for the page of segments.</summary>
internal static class SegmentsRules
{
    /// <summary>A rule with every type of condition that needs no other segment, and every form of value.</summary>
    public const string OfEveryKind = """
        {"all":[
            {"type":"user_property","property":"plan","operator":"in","value":["starter","free"]},
            {"type":"user_property","property":"signed_up_at","operator":"before","value":{"ago":"P14D"}},
            {"type":"event","event_type":"order_placed","count":{"at_least":3},"within":"P30D","where":{"all":[{"payload":"total","operator":"greater_than","value":50}]}},
            {"type":"event","event_type":"order_placed","aggregate":{"sum":"total"},"operator":"between","value":[10,20.5],"from":{"ago":"P90D"},"to":"2026-01-01T00:00:00Z"},
            {"not":{"type":"event","event_type":"session_started","within":"P1DT12H"}},
            {"any":[
                {"type":"sequence","first":{"event_type":"cart_created"},"then":{"event_type":"order_placed","where":{"payload":"currency","operator":"is_set"}},"gap":"P1D","same":"cart_id","happens":false,"within":"P30D"},
                {"type":"user_property","property":"email","operator":"ends_with","value":"@EXAMPLE.com","ignore_case":true},
                {"type":"user_property","property":"tags","operator":"has_any","value":["a",1,true]}]}]}
        """;

    /// <summary>Rules over so many conditions, which occur any number of times.</summary>
    public static Gen<Node> Over(int conditions) => Gen.Recursive<Node>((depth, inner) =>
    {
        var leaf = Gen.Int[0, conditions - 1].Select(static index => (Node)new Leaf(index));
        return depth > 3 ? leaf : Gen.Frequency((2, leaf), (1, inner.Select(static rule => (Node)new Not(rule))),
            (2, Gen.Select(Gen.Bool, inner.Array[1, 3], static (all, rules) => (Node)new Group(all, rules))));
    });

    /// <summary>A rule whose conditions are numbered.</summary>
    public abstract record Node
    {
        /// <summary>Whether it matches; null if it holds nothing but the condition of which <paramref name="isLeft"/> is true at its place.</summary>
        public abstract bool? Matches(string bits, Func<bool> isLeft);

        /// <summary>Its JSON.</summary>
        public abstract void Write(StringBuilder json);

        /// <summary>Its conditions, in the order of its text.</summary>
        public abstract IEnumerable<int> Leaves();

        public override string ToString()
        {
            var json = new StringBuilder();
            Write(json);
            return json.ToString();
        }
    }

    private sealed record Leaf(int Index) : Node
    {
        public override bool? Matches(string bits, Func<bool> isLeft) => isLeft() ? null : bits[Index] == '1';

        public override void Write(StringBuilder json) => json.Append($$"""{"type":"event","event_type":"e{{Index}}"}""");

        public override IEnumerable<int> Leaves() => [Index];

        public override string ToString() => base.ToString();
    }

    private sealed record Not(Node Rule) : Node
    {
        public override bool? Matches(string bits, Func<bool> isLeft) => !Rule.Matches(bits, isLeft);

        public override void Write(StringBuilder json)
        {
            json.Append("""{"not":""");
            Rule.Write(json);
            json.Append('}');
        }

        public override IEnumerable<int> Leaves() => Rule.Leaves();

        public override string ToString() => base.ToString();
    }

    private sealed record Group(bool All, Node[] Rules) : Node
    {
        public override bool? Matches(string bits, Func<bool> isLeft)
        {
            var matches = Rules.Select(rule => rule.Matches(bits, isLeft)).ToList().OfType<bool>().ToList();
            return matches.Count == 0 ? null : All ? matches.TrueForAll(static match => match) : matches.Contains(true);
        }

        public override void Write(StringBuilder json)
        {
            json.Append(All ? """{"all":[""" : """{"any":[""");
            for (var index = 0; index < Rules.Length; index++)
            {
                if (index > 0)
                    json.Append(',');
                Rules[index].Write(json);
            }
            json.Append("]}");
        }

        public override IEnumerable<int> Leaves() => Rules.SelectMany(static rule => rule.Leaves());

        public override string ToString() => base.ToString();
    }
}
