package sightline.router;

import sightline.router.fleet.FleetView;
import sightline.router.fleet.LearnedModel;
import sightline.stage.v1.Load;
import sightline.stage.v1.NodeDescription;
import sightline.stage.v1.NodeState;
import sightline.stage.v1.Role;
import sightline.v1.GetClusterResponse;
import sightline.v1.ListModelsResponse;
import sightline.v1.Model;
import sightline.v1.Node;

/** What the public service says about models and nodes. */
final class ClusterAnswers {
    private ClusterAnswers() {}

    static ListModelsResponse models(FleetView view) {
        var response = ListModelsResponse.newBuilder();
        view.servedModels().forEach(model -> response.addModels(model(model, view)));
        return response.build();
    }

    static GetClusterResponse nodes(FleetView view) {
        var response = GetClusterResponse.newBuilder();
        view.nodes().forEach(node -> response.addNodes(node(node)));
        return response.build();
    }

    private static Model model(LearnedModel model, FleetView view) {
        return Model.newBuilder()
                .setName(model.name())
                .setDigest(model.digest())
                .setLanguageFamily(model.card().getLanguageFamily())
                .setVisionFamily(model.card().getVisionFamily())
                .setContextLength(view.contextLength(model))
                .setTokensPerImage(model.config().tokensPerImage())
                .setHasChatTemplate(model.prompts().hasChatTemplate())
                .setTakesPicturesNow(!view.visionNodes(model.digest()).isEmpty())
                .build();
    }

    private static Node node(FleetView.Node node) {
        var report = node.known().report();
        Load load = report.getLoad();
        var answer = Node.newBuilder()
                .setName(report.getName())
                .setRole(role(report.getRole()))
                .setEndpoint(report.getEndpoint())
                .setMetrics(report.getMetrics())
                .setState(state(node))
                .setRunning(load.getRunning())
                .setWaiting(load.getWaiting())
                .setKvBlocksUsed(load.getKvBlocksUsed())
                .setKvBlocksTotal(load.getKvBlocksTotal())
                .setStoreBytesUsed(load.getStoreBytesUsed())
                .setStoreBytesTotal(load.getStoreBytesTotal());
        node.description()
                .ifPresent(d -> answer.setModel(d.getModel().getName())
                        .setModelDigest(d.getModel().getDigest())
                        .setDevice(d.getDevice())
                        .setDtype(d.getDtype())
                        .setFingerprint(d.getFingerprint()));
        if (report.getRole() == Role.ROLE_LANGUAGE)
            answer.setReplica(report.hasPlace() ? report.getPlace().getReplica() : report.getName())
                    .setStage(report.getPlace().getStage())
                    .setStages(Math.max(1, report.getPlace().getStages()));
        return answer.build();
    }

    /** A node on which faults are switched on says so beside its state. */
    private static String state(FleetView.Node node) {
        boolean hooks = node.description().filter(NodeDescription::getFaultHooks).isPresent();
        return (node.reachable() ? state(node.known().report().getState()) : "UNREACHABLE")
                + (hooks ? ", FAULT_HOOKS" : "");
    }

    private static String state(NodeState state) {
        return switch (state) {
            case NODE_STATE_SERVING -> "SERVING";
            case NODE_STATE_DRAINING -> "DRAINING";
            case NODE_STATE_STARTING, NODE_STATE_UNSPECIFIED, UNRECOGNIZED -> "STARTING";
        };
    }

    private static String role(Role role) {
        return switch (role) {
            case ROLE_ROUTER -> "router";
            case ROLE_VISION -> "vision";
            case ROLE_LANGUAGE -> "language";
            case ROLE_UNSPECIFIED, UNRECOGNIZED -> "unknown";
        };
    }
}
