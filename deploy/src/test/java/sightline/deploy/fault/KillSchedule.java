package sightline.deploy.fault;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import sightline.client.Answer;
import sightline.deploy.fault.Injection.Target;

/** Which blow comes next and where, until there were enough of each kind and every place was struck; the seed decides. */
final class KillSchedule {
    private final Random random;
    private final Set<Target> places = new LinkedHashSet<>();
    private final Set<Target> left;
    private final List<Blow> atProcesses = new ArrayList<>();
    private final int failoversWanted;

    /**
     * @param unfailed the answers of the subjects, each token of which is a place, and the time before it
     */
    KillSchedule(long seed, Map<Subject, Answer> unfailed, int kills, int stops, int failoversWanted) {
        this.random = new Random(seed);
        this.failoversWanted = failoversWanted;
        for (int i = 0; i < kills + stops; i++)
            atProcesses.add(i < kills ? Blow.KILL : Blow.STOP);
        Collections.shuffle(atProcesses, random);
        unfailed.forEach((subject, answer) -> {
            for (int choice = 0; choice < answer.choices().size(); choice++)
                for (int token = 0; token < answer.choices().get(choice).tokenIds().size(); token++)
                    places.add(new Target(subject, choice, token));
        });
        left = new LinkedHashSet<>(places);
    }

    int placesLeft() {
        return left.size();
    }

    void struck(Target place) {
        left.remove(place);
    }

    boolean isOver(long failovers) {
        return left.isEmpty() && atProcesses.isEmpty() && failovers >= failoversWanted;
    }

    /** @param serving nodes; a process is struck only while another one serves */
    Blow blow(int serving) {
        if (serving < 2 || atProcesses.isEmpty() || random.nextInt(6) == 0)
            return random.nextInt(4) == 0 ? Blow.CUT : Blow.CUT_ALL;
        return atProcesses.removeLast();
    }

    /** One that was not struck yet, else any. */
    Target place() {
        var among = left.isEmpty() ? places : left;
        return among.stream().skip(random.nextInt(among.size())).findFirst().orElseThrow();
    }
}
